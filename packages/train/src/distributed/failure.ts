import type { ProcessGroup } from '@arcface/libtorch'

/** Milliseconds in which a rank that is alive notices that another is gone. */
const PATIENCE = 2000

const sleep = (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

/**
 * Leaves word in the store of why this rank ends, closes its connections so that the others end too, and waits for
 * their word. A rank that says nothing was killed, or its machine is gone.
 * @param own the error of this rank; empty if it ends because of another
 * @returns what the others said
 */
export function explain(group: ProcessGroup, own: string): string {
  const { rank, worldSize } = group
  const others = Array.from({ length: worldSize }, (_, one) => one).filter((one) => one !== rank)
  const deadline = performance.now() + PATIENCE
  try {
    group.set(`end/${rank}`, own)
    group.disconnect()
    while (performance.now() < deadline && !others.every((one) => group.has(`end/${one}`)))
      sleep(50)
    const silent = others.filter((one) => !group.has(`end/${one}`))
    const said = others
      .filter((one) => !silent.includes(one))
      .flatMap((one) => {
        const word = group.get(`end/${one}`)
        return word === '' ? [] : [`rank ${one} failed with ${word}`]
      })
    if (silent.length > 0) said.push(`rank ${silent.join(', ')} was killed or cannot be reached`)
    return said.join('; ') || 'the connection between the ranks broke'
  } catch {
    return 'rank 0 was killed or cannot be reached'
  }
}
