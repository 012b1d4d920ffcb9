/**
 * Numbers, all 0, in memory that threads share, where the runtime has such memory (Node, Bun, Deno, a page that is
 * isolated): what lies there is given to a thread without a copy.
 */
export const sharedFloats = (length: number): Float32Array =>
  new Float32Array(
    typeof SharedArrayBuffer === 'undefined'
      ? new ArrayBuffer(4 * length)
      : new SharedArrayBuffer(4 * length),
  )
