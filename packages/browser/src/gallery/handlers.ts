import type { GalleryModel } from '@arcface/vision'
import { BrowserError } from '../errors.js'
import type { Handlers } from '../rpc/server.js'
import type { GalleryOptions } from './about.js'
import { GalleryService } from './service.js'
import { destroyGallery, GalleryStore } from './store.js'

/** What a page asks with the arguments of the method, in order. */
const METHODS = [
  'stats',
  'count',
  'people',
  'person',
  'faces',
  'face',
  'thumbnail',
  'thumbnails',
  'enroll',
  'add',
  'addPeople',
  'describe',
  'rename',
  'merge',
  'moveFaces',
  'delete',
  'deleteFaces',
  'sweep',
  'identifyMany',
  'compare',
  'alike',
  'export',
] as const

export type GalleryMethod = (typeof METHODS)[number]

/** The gallery of a recognizer. It is opened when it is first asked for: who only compares photographs stores nothing. */
export class LazyGallery {
  #opening: Promise<GalleryService> | undefined

  constructor(
    private readonly model: GalleryModel,
    /** False: there is none. */
    private readonly options: GalleryOptions | false,
  ) {}

  /**
   * Where it cannot be opened, or was gone, which is told, it is opened anew the next time.
   * @throws BrowserError BROWSER_USE (there is none); as `GalleryStore.open`
   */
  open(): Promise<GalleryService> {
    if (this.#opening) return this.#opening
    const anew = () => {
      if (this.#opening === opening) this.#opening = undefined
    }
    const opening = this.#openNow(anew)
    this.#opening = opening
    opening.catch(anew)
    return opening
  }

  /** The next call makes an empty one. */
  async destroy(): Promise<void> {
    const { name } = this.#given()
    await this.close()
    await destroyGallery(name)
  }

  /** Waits for the writes under way. */
  async close(): Promise<void> {
    const opening = this.#opening
    this.#opening = undefined
    const service = await opening?.catch(() => undefined)
    await service?.close()
  }

  async #openNow(onGone: () => void): Promise<GalleryService> {
    return new GalleryService(await GalleryStore.open(this.model, this.#given(), onGone))
  }

  #given(): GalleryOptions {
    if (this.options) return this.options
    throw new BrowserError('BROWSER_USE', 'the recognizer was opened without a gallery')
  }
}

export const galleryHandlers = (galleryOf: () => LazyGallery): Handlers => ({
  ...Object.fromEntries(
    METHODS.map((method) => [
      `gallery.${method}`,
      async (args: readonly unknown[]) => {
        const service = await galleryOf().open()
        // Whatever comes, the method checks it: a page need not use TypeScript.
        return (service[method] as (...args: readonly unknown[]) => unknown).call(service, ...args)
      },
    ]),
  ),
  'gallery.import': async (file: Blob | string, { signal, progress }) =>
    (await galleryOf().open()).import(file, signal, progress),
  'gallery.destroy': () => galleryOf().destroy(),
})
