/** A picture in memory, upright as its EXIF data say. */
export interface Photo {
  readonly width: number
  readonly height: number
  /** RGB, rows of pixels (HWC), uint8: width * height * 3 bytes. */
  readonly pixels: Uint8Array
  /** What errors call it: its path. */
  readonly name?: string
}
