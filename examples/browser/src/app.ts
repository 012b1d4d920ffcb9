import type { DownloadProgress } from '@arcface/browser'
import { $ } from './dom.js'
import { type Opened, openModels } from './models.js'
import { megabytes, trouble } from './words.js'

/** What is open; views that ask before it is wait. */
export class App {
  #opened: Promise<Opened> = new Promise(() => {})
  readonly #views: ((opened: Opened) => unknown)[] = []

  get opened(): Promise<Opened> {
    return this.#opened
  }

  /** Calls back with everything that is opened. */
  onOpen(view: (opened: Opened) => unknown): void {
    this.#views.push(view)
  }

  /** Opens the models of the page, or a trained one; the one before is closed when the new one is there. */
  async open(embedder?: File | string): Promise<void> {
    const before = this.#opened
    const opening = openModels(embedder, showProgress)
    await attempt(async () => {
      const opened = await opening
      this.#opened = opening
      for (const view of this.#views) void attempt(async () => view(opened))
      const old = await Promise.race([before, undefined])
      await old?.recognizer.close()
    })
    $('#loading').hidden = true
  }
}

const parts = new Map<string, { loaded: number; total?: number | undefined }>()

function showProgress({ file, loaded, total }: DownloadProgress): void {
  parts.set(file, { loaded, total })
  $('#loading').hidden = false
  const all = [...parts.values()]
  const sum = all.reduce((bytes, part) => bytes + part.loaded, 0)
  $('#loaded').textContent = megabytes(sum)
  const bar = $<HTMLProgressElement>('#progress')
  if (all.some((part) => part.total === undefined)) {
    bar.removeAttribute('value')
    return
  }
  bar.max = all.reduce((bytes, part) => bytes + part.total!, 0)
  bar.value = sum
}

/** Does something; what goes wrong is said at the head of the page, which goes on. */
export async function attempt(work: () => Promise<unknown>): Promise<void> {
  const bar = $('#error')
  bar.hidden = true
  try {
    await work()
  } catch (error) {
    console.warn(error)
    const { title, text } = trouble(error)
    $('strong', bar).textContent = title
    $('p', bar).textContent = text
    bar.hidden = false
  }
}
