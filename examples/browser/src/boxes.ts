import type { IdentifiedFace } from '@arcface/browser'
import { showPicture } from './dom.js'

const SVG = 'http://www.w3.org/2000/svg'

/** Shows a photograph with the boxes of its faces, numbered as in the list beside it. */
export async function showPhoto(
  place: HTMLElement,
  photo: Blob,
  faces: readonly IdentifiedFace[],
): Promise<void> {
  const image = new Image()
  image.alt = 'The photograph'
  if (await showPicture(image, photo))
    place.replaceChildren(image, boxes(faces, image.naturalWidth, image.naturalHeight))
}

/** Over what is shown beneath, in whatever size. */
function boxes(faces: readonly IdentifiedFace[], width: number, height: number): SVGElement {
  const svg = shape('svg', { viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' })
  const size = Math.max(width, height) / 32
  faces.forEach(({ box, matches, rejected }, i) => {
    const kind = matches.length > 0 ? 'known' : rejected.length > 0 ? 'rejected' : 'stranger'
    const label = shape('text', {
      x: box.x,
      y: Math.max(size, box.y - size / 4),
      'font-size': size,
      'stroke-width': size / 6,
    })
    label.textContent = String(i + 1)
    const { x, y } = box
    svg.append(
      shape('rect', { x, y, width: box.width, height: box.height, rx: size / 4, class: kind }),
      label,
    )
  })
  return svg
}

function shape(tag: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
  return made
}
