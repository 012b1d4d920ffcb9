/** Where the planes of red, green and blue begin in an array of three. @param channels which of them goes into each plane */
export function planesOf(
  channels: readonly number[],
  out: Float32Array,
): readonly [red: number, green: number, blue: number] {
  const begin = (color: number) => (channels.indexOf(color) * out.length) / 3
  return [begin(0), begin(1), begin(2)]
}
