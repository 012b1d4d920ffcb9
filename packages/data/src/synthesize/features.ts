import { type Colour, type Identity, mixColour } from './identity.js'
import type { Nuisance } from './nuisance.js'
import { BLACK, n, rgb } from './svg.js'

const DEGREES = 180 / Math.PI

/** Brows, eyes, nose, mouth and glasses as SVG elements, in the coordinates of Identity. */
export function drawFeatures(identity: Identity, nuisance: Nuisance): string {
  return (
    nose(identity) +
    mouth(identity, nuisance) +
    eye(identity, nuisance, -1) +
    eye(identity, nuisance, 1) +
    brow(identity, nuisance, -1) +
    brow(identity, nuisance, 1) +
    glasses(identity, nuisance)
  )
}

/** Drawn as the right one in the picture and mirrored for the other, except for the gaze. */
function eye({ skin, eyes, age }: Identity, { expression }: Nuisance, side: 1 | -1): string {
  const w = eyes.width
  const open = eyes.opening * expression.eyes * (1 - 0.22 * Math.max(expression.smile, 0))
  const upper = `M${n(-w)} 0.8C${n(-w * 0.5)} ${n(-open * 1.5)} ${n(w * 0.45)} ${n(-open * 1.5)} ${n(w)} -0.4`
  const lower = `C${n(w * 0.5)} ${n(open * 1.05)} ${n(-w * 0.5)} ${n(open * 1.1)} ${n(-w)} 0.8`
  const [gazeX, gazeY] = [side * expression.gaze.x, expression.gaze.y - 0.3]
  const shade = rgb(mixColour(skin, [60, 20, 20], 0.55))
  const lash = rgb(mixColour(skin, [14, 8, 8], 0.88))
  const id = side === 1 ? 'right' : 'left'
  return (
    `<g transform="translate(${n(side * eyes.spacing)} ${n(eyes.y)}) scale(${side} 1) rotate(${n(-eyes.tilt * DEGREES)})">` +
    `<ellipse cx="0" cy="-1.5" rx="${n(w * 1.35)}" ry="${n(eyes.opening + 4)}" fill="${shade}" fill-opacity="0.16"/>` +
    `<path d="M${n(-w * 0.9)} ${n(eyes.opening + 2.5)}Q0 ${n(eyes.opening + 5.5)} ${n(w * 0.9)} ${n(eyes.opening + 1.5)}" ` +
    `stroke="${shade}" fill="none" stroke-width="${n(1 + age)}" stroke-opacity="${n(0.55 * eyes.bags)}"/>` +
    `<clipPath id="${id}"><path d="${upper}${lower}Z"/></clipPath>` +
    `<path d="${upper}${lower}Z" fill="#ece6e0"/>` +
    `<g clip-path="url(#${id})"><circle cx="${n(gazeX)}" cy="${n(gazeY)}" r="${n(eyes.irisSize)}" fill="${rgb(eyes.iris)}" ` +
    `stroke="${rgb(mixColour(eyes.iris, BLACK, 0.6))}" stroke-width="0.7"/>` +
    `<circle cx="${n(gazeX)}" cy="${n(gazeY)}" r="${n(eyes.irisSize * 0.45)}" fill="#0a0808"/>` +
    `<circle cx="${n(gazeX + 1)}" cy="${n(gazeY - 1.2)}" r="0.8" fill="#fff" fill-opacity="0.9"/></g>` +
    `<path d="${upper}" stroke="${lash}" stroke-width="1.5" fill="none"/>` +
    `<path d="M${n(w)} -0.4${lower}" stroke="${lash}" stroke-width="0.7" fill="none" stroke-opacity="0.5"/>` +
    `<path d="M${n(-w * 0.85)} ${n(-open - 1.2)}Q0 ${n(-open * 1.25 - 3)} ${n(w)} ${n(-open * 0.6 - 1.4)}" ` +
    `stroke="${shade}" stroke-width="0.9" fill="none" stroke-opacity="${n(0.75 * eyes.crease)}"/></g>`
  )
}

function brow(
  { hair, eyes, brows, skin }: Identity,
  { expression }: Nuisance,
  side: 1 | -1,
): string {
  const { length, thickness, arch } = brows
  const y = eyes.y - brows.height - expression.brows
  const colour: Colour = mixColour(mixColour(hair.colour, [40, 26, 20], 0.5), skin, 0.12)
  return (
    `<path transform="translate(${n(side * (eyes.spacing + 0.5))} ${n(y)}) scale(${side} 1) rotate(${n(-brows.tilt * DEGREES)})" ` +
    `d="M${n(-length * 0.85)} ${n(-thickness / 2)}Q${n(length * 0.1)} ${n(-arch - thickness / 2)} ${n(length)} 0.6` +
    `Q${n(length * 0.1)} ${n(-arch + thickness * 0.8)} ${n(-length * 0.85)} ${n(thickness / 2)}Z" ` +
    `fill="${rgb(colour)}" fill-opacity="0.88"/>`
  )
}

function nose({ skin, nose, eyes }: Identity): string {
  const { tipY, width, bridge } = nose
  const dark = rgb(mixColour(skin, [50, 10, 5], 0.5))
  const light = rgb(mixColour(skin, [255, 250, 240], 0.5))
  const wing = (s: number) =>
    `<path d="M${n(s * bridge)} ${n(eyes.y + 3)}C${n(s * bridge * 0.8)} ${n((eyes.y + tipY) / 2)} ${n(s * bridge)} ${n(tipY - 5)} ${n(s * width * 0.8)} ${n(tipY - 2)}" ` +
    `stroke="${dark}" stroke-width="1.4" fill="none" stroke-opacity="0.22"/>` +
    `<path d="M${n(s * width * 0.82)} ${n(tipY - 3)}C${n(s * width * 1.15)} ${n(tipY - 1)} ${n(s * width * 1.1)} ${n(tipY + 4)} ${n(s * width * 0.62)} ${n(tipY + 3.4)}" ` +
    `stroke="${dark}" stroke-width="1.1" fill="none" stroke-opacity="0.6"/>` +
    `<ellipse cx="${n(s * width * 0.45)}" cy="${n(tipY + 3.2)}" rx="${n(width * 0.22)}" ry="${n(nose.nostrils)}" fill="${dark}" fill-opacity="0.8"/>`
  return (
    `${wing(-1)}${wing(1)}` +
    `<path d="M${n(-width * 0.5)} ${n(tipY + 4.6)}Q0 ${n(tipY + 7)} ${n(width * 0.5)} ${n(tipY + 4.6)}" stroke="${dark}" fill="none" stroke-opacity="0.45"/>` +
    `<ellipse cx="0" cy="${n(tipY - 1)}" rx="${n(width * 0.32)}" ry="2.2" fill="${light}" fill-opacity="0.35"/>`
  )
}

function mouth({ skin, mouth, nose, age }: Identity, { expression, style }: Nuisance): string {
  const smile = expression.smile
  const w = mouth.width * (1 + 0.17 * smile - 0.12 * expression.mouth)
  const corner = mouth.y - 3 * smile
  const gap = expression.mouth * 8
  const y = mouth.y + 0.8 * smile
  const lip = mixColour(mouth.colour, [170, 20, 50], style.lipstick)
  const dark = rgb(mixColour(lip, [30, 0, 0], 0.6))
  const top = y - gap * 0.25
  const bottom = y + gap * 0.75
  const bowY = top - mouth.upper
  const curve = (from: number, middle: number, to: number) =>
    `Q${n(from)} ${n(middle)} ${n(to)} ${n(corner)}`
  const teeth =
    gap > 1.5
      ? `<path d="M${n(-w * 0.8)} ${n(corner + 0.6)}${curve(0, 2 * top - corner + 0.4, w * 0.8)}${curve(0, 2 * top - corner + Math.min(gap, 4.5), -w * 0.8)}Z" fill="#efe9e0"/>`
      : ''
  const fold = (s: number) =>
    `<path d="M${n(s * (nose.width + 1.5))} ${n(nose.tipY + 2)}Q${n(s * (w + 3))} ${n((nose.tipY + corner) / 2)} ${n(s * (w + 4))} ${n(corner + 3)}" ` +
    `stroke="${rgb(mixColour(skin, BLACK, 0.45))}" stroke-width="1.1" fill="none" stroke-opacity="${n(0.14 + 0.3 * age + 0.25 * Math.max(smile, 0))}"/>`
  return (
    `<path d="M${n(-w)} ${n(corner)}${curve(0, 2 * top - corner, w)}${curve(0, 2 * bottom - corner, -w)}Z" fill="#34100f"/>${teeth}` +
    `<path d="M${n(-w)} ${n(corner)}C${n(-w * 0.6)} ${n(bowY)} ${n(-w * 0.3)} ${n(bowY - 0.6)} 0 ${n(bowY + mouth.bow)}` +
    `C${n(w * 0.3)} ${n(bowY - 0.6)} ${n(w * 0.6)} ${n(bowY)} ${n(w)} ${n(corner)}${curve(0, 2 * top - corner, -w)}Z" ` +
    `fill="${rgb(mixColour(lip, BLACK, 0.12))}"/>` +
    `<path d="M${n(-w)} ${n(corner)}${curve(0, 2 * bottom - corner, w)}` +
    `C${n(w * 0.6)} ${n(bottom + mouth.lower)} ${n(w * 0.35)} ${n(bottom + mouth.lower * 1.25)} 0 ${n(bottom + mouth.lower * 1.25)}` +
    `C${n(-w * 0.35)} ${n(bottom + mouth.lower * 1.25)} ${n(-w * 0.6)} ${n(bottom + mouth.lower)} ${n(-w)} ${n(corner)}Z" fill="${rgb(lip)}"/>` +
    `<path d="M${n(-w)} ${n(corner)}${curve(0, 2 * top - corner, w)}" stroke="${dark}" stroke-width="0.9" fill="none" stroke-opacity="0.8"/>` +
    fold(-1) +
    fold(1)
  )
}

function glasses({ eyes, face }: Identity, { style }: Nuisance): string {
  if (style.glasses === null) return ''
  const { width, height, round, colour, tint } = style.glasses
  const lens = (s: number) =>
    `<rect x="${n(s * eyes.spacing - width)}" y="${n(eyes.y - height * 0.85)}" width="${n(2 * width)}" height="${n(2 * height)}" ` +
    `rx="${n(2 + round * (height - 2))}" fill="#101014" fill-opacity="${n(tint)}" stroke="${rgb(colour)}" stroke-width="1.8"/>` +
    `<path d="M${n(s * (eyes.spacing + width))} ${n(eyes.y - 2)}L${n(s * (face.width + 2))} ${n(eyes.y - 3)}" stroke="${rgb(colour)}" stroke-width="1.8"/>`
  const gap = Math.max(eyes.spacing - width, 0.5)
  return `${lens(-1)}${lens(1)}<path d="M${n(-gap)} ${n(eyes.y - 2)}Q0 ${n(eyes.y - 5)} ${n(gap)} ${n(eyes.y - 2)}" stroke="${rgb(colour)}" stroke-width="1.8" fill="none"/>`
}
