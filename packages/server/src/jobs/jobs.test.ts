import { expect, it } from 'vitest'
import { type Job, Jobs } from './jobs.js'

const given = { kind: 'test', gallery: 'staff', owner: '' }

it('goes on behind a job that fails, and one whose files cannot be removed, and tells why', async () => {
  const ended: Job[] = []
  const jobs = new Jobs((job) => ended.push(job))
  const broken = new Error('nobody foresaw this')
  const stuck = new Error('read-only file system')
  jobs.start({ ...given, work: () => Promise.reject(broken) })
  const release = () => {
    throw stuck
  }
  jobs.start({ ...given, release, work: async () => 1 })
  const last = jobs.start({ ...given, work: async () => 2 })
  await expect.poll(() => last.isOver).toBe(true)
  await jobs.close()
  expect(ended.map(({ view, failure }) => [view.state, view.result, failure])).toEqual([
    ['failed', null, broken],
    ['done', 1, stuck],
    ['done', 2, undefined],
  ])
  // What nobody foresaw is the log's.
  expect(JSON.stringify(ended[0]!.view.problem)).not.toContain('foresaw this')
  expect(ended[0]!.view.problem?.code).toBe('SERVER_INTERNAL')
})
