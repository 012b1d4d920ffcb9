// Faces for bench/gallery.mjs: 512-d vectors in clusters, the same in every run, in files of float32.
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export const DIM = 512
/** Of a person. */
export const FACES = 5
/** Of a face and its person's centre. */
const COSINE = Math.sqrt(0.6)
/** Of a person's centre and the real embedding that it is made from. */
const KINSHIP = 0.7
const BLOCK = 5000

/** Unit vectors, near-normal by sums of four uniforms of a small generator. */
export function generator(seed) {
  let state = seed >>> 0 || 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  return (out, at) => {
    for (let k = 0; k < DIM; k++) out[at + k] = next() + next() + next() + next() - 2
    normalize(out, at)
  }
}

/** Writes a face of a person to `out`: the centre and noise. `real`: rows of embeddings, or undefined. */
export function faceOf(person, noise, out, at, real) {
  const center = new Float32Array(DIM)
  generator(person * 2654435761 + 12345)(center, 0)
  if (real) {
    const from = (person % (real.length / DIM)) * DIM
    blend(center, 0, real, from, KINSHIP)
  }
  noise(out, at)
  blend(out, at, center, 0, COSINE)
}

/** `out` at the cosine given from `to`, if they were at a right angle before, as in 512 dimensions they nearly are. */
function blend(out, at, to, from, cosine) {
  const sine = Math.sqrt(1 - cosine ** 2)
  for (let k = 0; k < DIM; k++) out[at + k] = cosine * to[from + k] + sine * out[at + k]
  normalize(out, at)
}

function normalize(out, at) {
  let sum = 0
  for (let k = 0; k < DIM; k++) sum += out[at + k] ** 2
  const scale = 1 / Math.sqrt(sum)
  for (let k = 0; k < DIM; k++) out[at + k] *= scale
}

/** Writes FOLDER/faces (face i is of person i mod size / FACES) and FOLDER/queries (person 7919 i). */
export function write(folder, size, queries, embeddings) {
  const real = embeddings === undefined ? undefined : readNpy(embeddings)
  const noise = generator(77)
  const people = size / FACES
  for (const [name, count, personOf] of [
    ['faces', size, (i) => i % people],
    ['queries', queries, (i) => (i * 7919) % people],
  ]) {
    const file = openSync(join(folder, name), 'w')
    const block = new Float32Array(BLOCK * DIM)
    for (let first = 0; first < count; first += BLOCK) {
      const n = Math.min(BLOCK, count - first)
      for (let i = 0; i < n; i++) faceOf(personOf(first + i), noise, block, i * DIM, real)
      writeSync(file, new Uint8Array(block.buffer, 0, n * DIM * 4))
    }
    closeSync(file)
  }
}

/** Rows of a file of float32. */
export function read(file, first, count) {
  const rows = new Float32Array(count * DIM)
  readSync(file, new Uint8Array(rows.buffer), 0, rows.byteLength, first * DIM * 4)
  return rows
}

/** A .npy of N x 512 float32, as `arcface embed` writes it. */
function readNpy(path) {
  const bytes = readFileSync(path)
  const rows = new Float32Array(bytes.buffer.slice(bytes.byteOffset + 10 + bytes.readUInt16LE(8)))
  if (rows.length === 0 || rows.length % DIM !== 0)
    throw new Error(`${path}: not N x ${DIM} float32`)
  return rows
}
