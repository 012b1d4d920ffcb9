import type { Box, Point } from '@arcface/vision'

/** Where the face of a photograph is, in its pixels. */
export interface FacePlace {
  readonly box: Box
  /** The eyes first. */
  readonly points: readonly Point[]
}

/** A hundredth of the face's longer side, in pixels: what sizes of dots and borders are told in. */
export const unitOf = ({ box }: FacePlace): number => Math.max(box.width, box.height) / 100
