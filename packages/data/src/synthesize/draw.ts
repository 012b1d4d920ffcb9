import { drawFeatures } from './features.js'
import { type Colour, type Identity, mixColour } from './identity.js'
import type { Nuisance } from './nuisance.js'
import { ORIGIN_X, ORIGIN_Y, TEXTURE } from './relief.js'
import { BLACK, n, rgb } from './svg.js'

/**
 * The head of a person, from the front and without light, as an SVG of TEXTURE x TEXTURE pixels on a transparent
 * ground: back hair, neck, ears, face, features, front hair. Expression and style are in it, pose and light are not.
 */
export function drawHead(identity: Identity, nuisance: Nuisance): string {
  const parts = [
    backHair(identity, nuisance),
    neck(identity),
    ears(identity),
    face(identity),
    beard(identity, nuisance),
    marks(identity),
    drawFeatures(identity, nuisance),
    frontHair(identity, nuisance),
    occlusion(nuisance),
  ]
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${TEXTURE}" height="${TEXTURE}" ` +
    `viewBox="${-ORIGIN_X} ${-ORIGIN_Y} ${TEXTURE} ${TEXTURE}">${parts.join('')}</svg>`
  )
}

/** The outline of the face as a closed path. */
function outline({ face: { width, jaw, forehead, chinWidth, chinY } }: Identity): string {
  const jawX = width * jaw
  const jawY = chinY * 0.6
  const half = (s: 1 | -1) => [
    [s * 0.62 * width, -66, s * width * forehead, -52, s * width * 0.98, -18],
    [s * width, 0, s * (jawX + (width - jawX) * 0.6), jawY - 15, s * jawX, jawY],
    [s * (jawX - 5), jawY + 11, s * (chinWidth + 8), chinY, s * chinWidth * 0.4, chinY],
  ]
  const right = half(1).map((c) => `C${c.map(n).join(' ')}`)
  // The left half is the mirror image, walked backwards.
  const points = half(-1).flat()
  const backwards: string[] = []
  for (let end = points.length - 2; end > 0; end -= 6) {
    const [x1, y1] = [points[end - 2]!, points[end - 1]!]
    const [x2, y2] = [points[end - 4]!, points[end - 3]!]
    const [x, y] = end > 6 ? [points[end - 6]!, points[end - 5]!] : [0, -66]
    backwards.push(`C${[x1, y1, x2, y2, x, y].map(n).join(' ')}`)
  }
  return `M0 -66${right.join('')}L${n(-chinWidth * 0.4)} ${n(chinY)}${backwards.join('')}Z`
}

function face(identity: Identity): string {
  const { skin, age, face: shape, eyes } = identity
  const blush = mixColour(skin, [200, 70, 60], 0.3)
  const line = rgb(mixColour(skin, BLACK, 0.4))
  const wrinkles = [-40, -35, -30].map(
    (y, i) =>
      `<path d="M${-17 + 2 * i} ${y}Q0 ${y - 3} ${17 - 2 * i} ${y}" stroke="${line}" ` +
      `stroke-width="0.9" fill="none" stroke-opacity="${n(0.5 * Math.max(age - 0.4, 0))}"/>`,
  )
  const cheek = (s: number) =>
    `<ellipse cx="${n(s * (eyes.spacing + 7))}" cy="9" rx="11" ry="8" fill="url(#blush)"/>`
  return (
    `<defs><radialGradient id="blush"><stop offset="0" stop-color="${rgb(blush)}" stop-opacity="0.7"/>` +
    `<stop offset="1" stop-color="${rgb(blush)}" stop-opacity="0"/></radialGradient>` +
    `<radialGradient id="skin" gradientUnits="userSpaceOnUse" cx="0" cy="-6" r="66">` +
    `<stop offset="0.45" stop-color="${rgb(skin)}"/>` +
    `<stop offset="1" stop-color="${rgb(mixColour(skin, BLACK, 0.28))}"/></radialGradient></defs>` +
    `<path id="face" d="${outline(identity)}" fill="url(#skin)"/>${cheek(-1)}${cheek(1)}${wrinkles.join('')}` +
    `<path d="M-4 ${n(shape.chinY - 12)}Q0 ${n(shape.chinY - 14)} 4 ${n(shape.chinY - 12)}" stroke="${line}" ` +
    'fill="none" stroke-opacity="0.35"/>'
  )
}

function neck({ skin, face: { width, jaw, chinY } }: Identity): string {
  const half = width * jaw * 0.78
  return (
    `<path d="M${n(-half)} 12V66H${n(half)}V12Z" fill="${rgb(mixColour(skin, BLACK, 0.34))}"/>` +
    `<path d="M${n(-half - 6)} 66Q0 ${n(chinY + 12)} ${n(half + 6)} 66Z" fill="${rgb(mixColour(skin, BLACK, 0.2))}"/>`
  )
}

function ears({ skin, face: { width }, ears: { size, protrusion } }: Identity): string {
  const ear = (s: number) =>
    `<ellipse cx="${n(s * (width + protrusion - 2))}" cy="-4" rx="${n(size * 0.5)}" ry="${n(size)}" ` +
    `fill="${rgb(mixColour(skin, [150, 60, 50], 0.16))}"/>` +
    `<ellipse cx="${n(s * (width + protrusion - 2))}" cy="-4" rx="${n(size * 0.25)}" ry="${n(size * 0.6)}" ` +
    `fill="${rgb(mixColour(skin, BLACK, 0.35))}"/>`
  return ear(-1) + ear(1)
}

function beard({ beard, hair, mouth, nose, face }: Identity, { style }: Nuisance): string {
  const colour = rgb(mixColour(hair.colour, BLACK, 0.2))
  const patch = (opacity: number, path: string) =>
    opacity === 0
      ? ''
      : `<path d="${path}" fill="${colour}" fill-opacity="${n(Math.min(opacity * style.beard, 0.92))}"/>`
  const w = mouth.width + 2
  const jaw = face.width * face.jaw
  return (
    patch(
      beard.cheeks,
      `M${n(-face.width * 0.97)} -6C${n(-face.width * 0.86)} 16 ${n(-w - 9)} 12 ${n(-w)} ${n(mouth.y + 1)}` +
        `Q0 ${n(mouth.y + 15)} ${n(w)} ${n(mouth.y + 1)}C${n(w + 9)} 12 ${n(face.width * 0.86)} 16 ${n(face.width * 0.97)} -6` +
        `C${n(face.width)} 10 ${n(jaw + 2)} ${n(face.chinY * 0.6)} ${n(jaw - 4)} ${n(face.chinY * 0.74)}` +
        `Q0 ${n(face.chinY + 14)} ${n(-jaw + 4)} ${n(face.chinY * 0.74)}` +
        `C${n(-jaw - 2)} ${n(face.chinY * 0.6)} ${n(-face.width)} 10 ${n(-face.width * 0.97)} -6Z`,
    ) +
    patch(
      beard.lip,
      `M${n(-w)} ${n(mouth.y)}Q${n(-w * 0.6)} ${n(nose.tipY + 5)} 0 ${n(nose.tipY + 6)}` +
        `Q${n(w * 0.6)} ${n(nose.tipY + 5)} ${n(w)} ${n(mouth.y)}Q0 ${n(mouth.y - 7)} ${n(-w)} ${n(mouth.y)}Z`,
    ) +
    patch(
      beard.chin,
      `M${n(-w * 0.7)} ${n(mouth.y + 8)}Q0 ${n(mouth.y + 5)} ${n(w * 0.7)} ${n(mouth.y + 8)}` +
        `Q${n(w * 0.8)} ${n(face.chinY + 3)} 0 ${n(face.chinY + 4)}Q${n(-w * 0.8)} ${n(face.chinY + 3)} ${n(-w * 0.7)} ${n(mouth.y + 8)}Z`,
    )
  )
}

function marks({ skin, marks, freckles, scar }: Identity): string {
  const dot = (x: number, y: number, radius: number, colour: Colour, opacity: number) =>
    `<circle cx="${n(x)}" cy="${n(y)}" r="${n(radius)}" fill="${rgb(colour)}" fill-opacity="${opacity}"/>`
  const brown = mixColour(skin, [60, 30, 20], 0.75)
  const line =
    scar === null
      ? ''
      : `<rect x="${n(scar.x)}" y="${n(scar.y)}" width="${n(scar.length)}" height="1.3" rx="0.6" fill-opacity="0.7" ` +
        `fill="${rgb(mixColour(skin, [255, 200, 200], 0.5))}" transform="rotate(${n(scar.angle)} ${n(scar.x)} ${n(scar.y)})"/>`
  return (
    freckles.map(({ x, y }) => dot(x, y, 0.7, brown, 0.4)).join('') +
    marks.map(({ x, y, radius }) => dot(x, y, radius, brown, 0.85)).join('') +
    line
  )
}

function backHair({ hair, face }: Identity, { style }: Nuisance): string {
  if (hair.style === 'bald') return ''
  const width = face.width + 3 + hair.volume
  const bottom = -20 + Math.max(hair.length + style.hairLength, 0) * 86
  return (
    `<path d="M${n(-width)} -12C${n(-width)} -92 ${n(width)} -92 ${n(width)} -12V${n(bottom)}H${n(-width)}Z" ` +
    `fill="${rgb(mixColour(hair.colour, BLACK, 0.3))}"/>`
  )
}

function frontHair({ hair, face }: Identity, { style }: Nuisance): string {
  const { side } = hair
  const line = hair.lineY + style.hairlineY
  const outer = face.width + 2 + hair.volume * 0.8
  const temple = face.width * 0.93
  const down = -14 + Math.max(hair.length + style.hairLength, 0) * 44
  const inner = {
    bald: '',
    receding: `C${n(temple)} -40 ${n(temple * 0.8)} -62 0 ${n(line - 12)}C${n(-temple * 0.8)} -62 ${n(-temple)} -40`,
    short: `C${n(temple)} ${n(line + 6)} ${n(temple * 0.6)} ${n(line)} 0 ${n(line)}C${n(-temple * 0.6)} ${n(line)} ${n(-temple)} ${n(line + 6)}`,
    fringe: `C${n(temple)} ${n(line + 21)} ${n(temple * 0.5)} ${n(line + 17)} 0 ${n(line + 15)}C${n(-temple * 0.5)} ${n(line + 17)} ${n(-temple)} ${n(line + 21)}`,
    sidePart: `C${n(temple)} ${n(line + 8 - side * 9)} ${n(temple * 0.7)} ${n(line - side * 7)} ${n(side * temple * 0.45)} ${n(line - 6)}C${n(-temple * 0.4)} ${n(line + side * 4)} ${n(-temple)} ${n(line + 8 + side * 9)}`,
    centrePart: `C${n(temple * 1.04)} ${n(line + 18)} ${n(temple * 0.5)} ${n(line + 2)} 0 ${n(line - 9)}C${n(-temple * 0.5)} ${n(line + 2)} ${n(-temple * 1.04)} ${n(line + 18)}`,
  }[hair.style]
  if (inner === '') return ''
  const light = rgb(mixColour(hair.colour, [255, 240, 220], 0.2))
  const strands = [-0.75, -0.45, -0.15, 0.15, 0.45, 0.75].map(
    (t) =>
      `<path d="M${n(t * 20)} -76Q${n(t * outer * 1.1)} -66 ${n(t * outer * 1.05)} ${n(line - 4)}" stroke="${light}" fill="none" stroke-opacity="0.5"/>`,
  )
  const curls =
    hair.curl === 0
      ? []
      : Array.from({ length: 13 }, (_, i) => {
          const angle = (Math.PI * i) / 12
          const radius = 6 + 4 * hair.curl
          return `<circle cx="${n(outer * Math.cos(angle))}" cy="${n(-16 - 54 * Math.sin(angle))}" r="${n(radius)}" fill="${rgb(hair.colour)}"/>`
        })
  return (
    `<path d="M${n(-outer)} ${n(down)}C${n(-outer - 3)} -96 ${n(outer + 3)} -96 ${n(outer)} ${n(down)}` +
    `L${n(temple)} ${n(Math.min(down, -16))}${inner} ${n(-temple)} ${n(Math.min(down, -16))}Z" fill="${rgb(hair.colour)}"/>` +
    strands.join('') +
    curls.join('')
  )
}

function occlusion({ occlusion }: Nuisance): string {
  if (occlusion === null) return ''
  const { x, y, width, height, angle, colour } = occlusion
  return (
    `<rect x="${n(x - width / 2)}" y="${n(y - height / 2)}" width="${n(width)}" height="${n(height)}" rx="7" ` +
    `fill="${rgb(colour)}" transform="rotate(${n(angle)} ${n(x)} ${n(y)})"/>`
  )
}
