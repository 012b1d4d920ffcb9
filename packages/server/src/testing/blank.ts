import sharp from 'sharp'

/** A picture of one colour, in which no detector finds a face. */
export const blankPhoto = (side = 160): Promise<Buffer> =>
  sharp({ create: { width: side, height: side, channels: 3, background: 'gray' } })
    .png()
    .toBuffer()
