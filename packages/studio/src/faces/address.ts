const part = encodeURIComponent

/** Of a stored face, as a picture. */
export const faceAddress = (gallery: string, face: string): string =>
  `/v1/galleries/${part(gallery)}/faces/${part(face)}/thumbnail`

/** Of a person, as a picture. */
export const portraitAddress = (gallery: string, person: string): string =>
  `/v1/galleries/${part(gallery)}/people/${part(person)}/thumbnail`

/** Of a person's page. */
export const personPlace = (gallery: string, person: string): string =>
  `/people?${new URLSearchParams({ gallery, person })}`
