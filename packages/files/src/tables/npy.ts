import type { OutputFile } from '../write/write.js'
import type { Sink } from './sink.js'

/** Magic, version, length and text: a multiple of 64, with room for any number of rows. */
const HEADER = 128

/** NumPy's .npy, version 1.0 (numpy.lib.format): float32, rows x dim. The number of rows is written last. */
export function npyRows(file: OutputFile, dim: number): Sink<{ readonly embedding: Float32Array }> {
  let rows = 0
  file.write(header(0, dim))
  return {
    add: async (added) => {
      rows += added.length
      for (const {
        embedding: { buffer, byteOffset, byteLength },
      } of added)
        file.write(new Uint8Array(buffer, byteOffset, byteLength))
    },
    close: async () => file.write(header(rows, dim), 0),
  }
}

function header(rows: number, dim: number): Buffer {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${dim}), }`
  const start = Buffer.alloc(10)
  start.write('\x93NUMPY\x01\x00', 'latin1')
  start.writeUInt16LE(HEADER - 10, 8)
  return Buffer.concat([start, Buffer.from(`${text.padEnd(HEADER - 11)}\n`)])
}
