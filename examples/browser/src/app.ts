import type { DownloadProgress } from '@arcface/browser'
import { $ } from './dom.js'
import { type Choice, type Opened, openModels } from './models.js'
import { megabytes, trouble } from './words.js'

/** What is open; views that ask before it is wait. */
export class App {
  #opened: Opened | undefined
  readonly #waiting: ((opened: Opened) => void)[] = []
  readonly #views: ((opened: Opened) => unknown)[] = []

  get opened(): Promise<Opened> {
    if (this.#opened) return Promise.resolve(this.#opened)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Calls back with everything that is opened. */
  onOpen(view: (opened: Opened) => unknown): void {
    this.#views.push(view)
  }

  /** Opens the models of the page, or a trained one; the one before is closed when the new one is there. */
  async open(choice: Choice = {}): Promise<void> {
    await attempt(async () => {
      const opened = await openModels(choice, showProgress).finally(endProgress)
      const before = this.#opened
      this.#opened = opened
      for (const resolve of this.#waiting.splice(0)) resolve(opened)
      await Promise.all(this.#views.map((view) => view(opened)))
      await before?.recognizer.close()
    })
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

function endProgress(): void {
  parts.clear()
  $('#loading').hidden = true
}

/** Does what somebody asked for; what goes wrong is said at the head of the page, which goes on. */
export async function attempt(work: () => Promise<unknown>): Promise<void> {
  $('#error').hidden = true
  await work().catch(report)
}

export function report(error: unknown): void {
  console.warn(error)
  const bar = $('#error')
  const { title, text } = trouble(error)
  $('strong', bar).textContent = title
  $('p', bar).textContent = text
  bar.hidden = false
}
