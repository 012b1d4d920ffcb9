import { extname } from 'node:path'

/** Of each photograph its path without an extension, unless `1.jpg` and `1.png` lie side by side. */
export function stemsOf(photos: readonly string[]): Map<string, string> {
  const stem = (photo: string) => photo.slice(0, -extname(photo).length)
  const counts = new Map<string, number>()
  for (const photo of photos) counts.set(stem(photo), (counts.get(stem(photo)) ?? 0) + 1)
  return new Map(
    photos.map((photo) => [photo, counts.get(stem(photo)) === 1 ? stem(photo) : photo]),
  )
}
