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

  /** @throws BrowserError BROWSER_USE (there is none); as `GalleryStore.open`, and then it is tried again the next time */
  open(): Promise<GalleryService> {
    this.#opening ??= GalleryStore.open(this.model, this.#given()).then(
      (store) => new GalleryService(store),
      (error: unknown) => {
        this.#opening = undefined
        throw error
      },
    )
    return this.#opening
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
