/** Where the galleries of one root lie. */
export interface Places {
  /** Of a gallery: what `openGallery` takes. */
  pathOf(name: string): string
  /** In the order of code points. */
  list(): Promise<string[]>
  /** What changes when a gallery is made anew under its name; `undefined` where none is. */
  markOf(name: string): Promise<string | undefined>
  /** Before a gallery is made. */
  prepare(name: string): Promise<void>
  /** Takes a gallery away with all its bytes. */
  remove(name: string): Promise<void>
}
