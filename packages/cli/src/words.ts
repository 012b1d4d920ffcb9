/** `1 face`, `2 faces`; for words with another plural `many`. */
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${n} ${n === 1 ? one : many}`

export const countedPeople = (n: number): string => counted(n, 'person', 'people')
