import { StoredZip } from '@arcface/files'

/** A zip with the folder `photos`, and these in it. */
export function zipOf(members: Record<string, Uint8Array>): Blob {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  const sink = {
    position: 0,
    write(data: Uint8Array) {
      pieces.push(new Uint8Array(data))
      sink.position += data.length
    },
  }
  const zip = new StoredZip(sink, 'photos')
  for (const [name, data] of Object.entries(members)) zip.add(name, data)
  zip.end()
  return new Blob(pieces)
}
