import { type ImageSource, imageName, imageUrl } from '@arcface/data'
import { degrees } from '@arcface/evaluate'
import { type Html, html, htmlPage, htmlTable, shortName } from '@arcface/evaluate/report'

/** An image with its angle (radians) to the dominant centre of somebody. */
export interface AnglePicture {
  image: ImageSource
  angle: number
}

/** A person and the images that are most like that person's dominant centre. */
export interface ShownPerson {
  name: string
  samples: readonly AnglePicture[]
}

/** An image that stands far from its person. */
export interface Suspect extends AnglePicture {
  filed: ShownPerson
  /** Who it likely is, and the angle (radians) to that one's centre. */
  likely: (ShownPerson & { angle: number }) | null
}

/** So many are shown; the tables have all. */
export const SHOWN_SUSPECTS = 60
export const SHOWN_SAMPLES = 4

/** A page to look at what would be dropped: each suspect beside the person it is filed under and the one it likely is. */
export function cleanReport(
  suspects: readonly Suspect[],
  { dropped, facts }: { dropped: number; facts: readonly (readonly [string, string])[] },
): string {
  const more =
    dropped > suspects.length
      ? ` The ${suspects.length} worst of ${dropped} are shown; dropped.csv has all.`
      : ''
  return htmlPage('Images that stand far from their person', [
    {
      title: 'What was looked at',
      html: html`${htmlTable([], facts)}<p>Each row begins with an image that would be dropped. Beside it: images of the person
under whose name it stands, those that are most like that person, and images of the person to whom it is nearest, where
that one is within the limit. If it shows that person, move the file; if nobody who is here, leave it out; if it does
belong where it is, raise the angle.${more}</p>`,
    },
    ...suspects.map(row),
    ...(suspects.length === 0
      ? [
          {
            title: 'Suspects',
            html: html`<p>No image is farther from its person than the limit.</p>`,
          },
        ]
      : []),
  ])
}

function row({ image, angle, filed, likely }: Suspect) {
  const people = [
    html`<p>Filed under <b>${filed.name}</b></p>${pictures(filed.samples)}`,
    likely
      ? html`<p>Likely <b>${likely.name}</b>, ${shown(likely.angle)}</p>${pictures(likely.samples)}`
      : html`<p>Nobody else here is within the limit.</p>`,
  ]
  return {
    title: shortName(imageName(image)),
    html: html`<div class="pairs">${figure({ image, angle })}<div>${people}</div></div>`,
  }
}

const shown = (angle: number) => `${degrees(angle).toFixed(1)}°`

const pictures = (samples: readonly AnglePicture[]): Html =>
  html`<div class="pairs">${samples.map(figure)}</div>`

function figure({ image, angle }: AnglePicture): Html {
  const name = imageName(image)
  return html`<figure><img src="${imageUrl(image)}" alt="${name}" title="${name}" width="96" height="96"><figcaption>${shown(angle)}</figcaption></figure>`
}
