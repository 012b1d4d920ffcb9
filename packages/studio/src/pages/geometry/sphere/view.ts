import { radians } from '@arcface/evaluate'

/** How a sphere is turned: about its upright axis, then towards the one who looks. Radians. */
export interface Turn {
  yaw: number
  pitch: number
}

export type Vector = readonly [number, number, number]

export const START: Turn = { yaw: 0, pitch: 0.35 }

/** A place on the sphere as it is seen from far away: to the right, up, and towards the one who looks. */
export function seen({ yaw, pitch }: Turn, [x, y, z]: Vector): Vector {
  const near = y * Math.cos(yaw) - x * Math.sin(yaw)
  return [
    x * Math.cos(yaw) + y * Math.sin(yaw),
    z * Math.cos(pitch) - near * Math.sin(pitch),
    near * Math.cos(pitch) + z * Math.sin(pitch),
  ]
}

/** Turned further by so much; the poles stay where they are seen. */
export const turned = ({ yaw, pitch }: Turn, right: number, down: number): Turn => ({
  yaw: yaw + right,
  pitch: Math.min(Math.max(pitch + down, -Math.PI / 2), Math.PI / 2),
})

/** Two centres so far apart, on the equator on both sides of the one who looks. */
export const centresOf = (between: number): readonly [Vector, Vector] => [
  [-Math.sin(between / 2), Math.cos(between / 2), 0],
  [Math.sin(between / 2), Math.cos(between / 2), 0],
]

/** Where meridians and parallels every 30 degrees go, as lines of places. */
export const GRATICULE: readonly (readonly Vector[])[] = [
  ...[-60, -30, 0, 30, 60].map((latitude) => ring((angle) => onSphere(latitude, angle))),
  ...[0, 30, 60, 90, 120, 150].map((longitude) => ring((angle) => meridian(longitude, angle))),
]

function ring(place: (degrees: number) => Vector): Vector[] {
  return Array.from({ length: 121 }, (_, i) => place(3 * i))
}

function onSphere(latitude: number, longitude: number): Vector {
  const [a, b] = [radians(latitude), radians(longitude)]
  return [Math.cos(a) * Math.sin(b), Math.cos(a) * Math.cos(b), Math.sin(a)]
}

function meridian(longitude: number, angle: number): Vector {
  const [a, b] = [radians(angle), radians(longitude)]
  return [Math.sin(a) * Math.sin(b), Math.sin(a) * Math.cos(b), Math.cos(a)]
}
