import sharp from 'sharp'

/** In each thread that decodes: sharp sets what is usual, for the whole process, whenever a thread imports it. */
export function decodeOnOneCore(): void {
  sharp.concurrency(1)
  sharp.cache(false)
}

let holders = 0
let restore = () => {}

/**
 * Has sharp decode each image on one core and remember none, for who starts threads that decode: parallelism is over
 * images, never inside one, and no image is asked for twice in a row. libvips knows such settings of the whole process
 * only, so they hold for everybody in it until all who asked have let go, their threads ended; then they are what they
 * were.
 *
 * @returns what lets go; calling it again does nothing
 */
export function holdOneCore(): () => void {
  if (holders++ === 0) {
    const cores = sharp.concurrency()
    const { memory, files, items } = sharp.cache()
    restore = () => {
      sharp.concurrency(cores)
      sharp.cache({ memory: memory.max, files: files.max, items: items.max })
    }
    decodeOnOneCore()
  }
  let held = true
  return () => {
    if (held && --holders === 0) restore()
    held = false
  }
}
