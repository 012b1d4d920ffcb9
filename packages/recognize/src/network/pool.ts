import { availableParallelism } from 'node:os'
import { Thread } from './thread.js'

/** As the pool sees a network. */
export interface Place {
  readonly id: number
  /** Threads that may hold it. */
  readonly parallel: number
}

interface Job {
  readonly place: Place
  readonly work: (thread: Thread) => Promise<void>
  readonly reject: (cause: Error) => void
}

/**
 * Threads for all networks of the process, started when there is work for them: ONNX Runtime's
 * binding for Node runs a network on the thread that asks, which for the main thread means that
 * nothing else happens, and that two networks never run at once.
 */
class Pool {
  private threads: Thread[] = []
  private readonly jobs: Job[] = []
  private readonly open = new Set<number>()

  add({ id }: Place): void {
    this.open.add(id)
  }

  /** Runs `work` on a thread that is free, one that has the network where there is one. */
  run<T>(place: Place, work: (thread: Thread) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.open.has(place.id)) return reject(closed())
      this.jobs.push({ place, work: (thread) => work(thread).then(resolve, reject), reject })
      this.dispatch()
    })
  }

  /** Waits for what runs, then frees the network; what waits fails. With the last network the threads end. */
  async remove({ id }: Place): Promise<void> {
    if (!this.open.has(id)) return
    for (const job of this.jobs.filter(({ place }) => place.id === id)) {
      this.jobs.splice(this.jobs.indexOf(job), 1)
      job.reject(closed())
    }
    const holders = this.threads.filter(({ loaded }) => loaded.has(id))
    this.open.delete(id)
    const ended = this.open.size === 0 ? this.threads.splice(0) : []
    await Promise.allSettled(
      holders.map((thread) => {
        thread.loaded.delete(id)
        return thread.ask({ kind: 'release', network: id })
      }),
    )
    await Promise.all(ended.map((thread) => thread.end()))
  }

  private dispatch(): void {
    for (let i = 0; i < this.jobs.length; ) {
      const { place, work } = this.jobs[i]!
      const thread = this.choose(place)
      if (thread === undefined) {
        i++
        continue
      }
      this.jobs.splice(i, 1)
      thread.busy = true
      thread.loaded.add(place.id)
      work(thread).finally(() => {
        thread.busy = false
        this.dispatch()
      })
    }
  }

  private choose({ id, parallel }: Place): Thread | undefined {
    const holders = this.threads.filter(({ loaded }) => loaded.has(id))
    const holder = holders.find(({ busy }) => !busy)
    if (holder || holders.length >= parallel) return holder
    // The one with the fewest networks: works that are opened together come apart.
    const [free] = this.threads
      .filter(({ busy }) => !busy)
      .sort((a, b) => a.loaded.size - b.loaded.size)
    if (free || this.threads.length >= availableParallelism()) return free
    const thread = new Thread(() => {
      this.threads = this.threads.filter((one) => one !== thread)
    })
    this.threads.push(thread)
    return thread
  }
}

const closed = () => new Error('already closed')

export const pool = new Pool()
