/** Where a gallery lies. */
export interface Place {
  /** What `openGallery` takes. */
  readonly path: string
  /** Another one when a gallery is made anew under its name. */
  readonly mark: string
}

/** Where the galleries of one root lie. */
export interface Places {
  /** In the order of code points. */
  list(): Promise<string[]>
  find(name: string): Promise<Place | undefined>
  /**
   * Makes a gallery: by `make`, which is told where.
   * @throws GalleryError GALLERY_EXISTS; what `make` throws
   */
  make(name: string, make: (path: string) => Promise<void>): Promise<void>
  /** Takes a gallery away with all its bytes. */
  remove(name: string): Promise<void>
  close(): void
}
