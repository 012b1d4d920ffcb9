import { expect, it, vi } from 'vitest'
import { Bodies } from './bodies.js'
import { Queue } from './queue.js'

it('takes what is done with in time, as fast as requests were answered lately', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const queue = new Queue(2, 1)
  // Each takes the two places 400 ms: 200 ms of the server.
  for (let i = 0; i < 100; i++) {
    const turns = [queue.enter(), queue.enter()]
    for (const turn of turns) turn.begin()
    vi.advanceTimersByTime(400)
    for (const turn of turns) turn.end(true)
  }
  expect([queue.length, queue.wait]).toEqual([0, 0])
  const turns = []
  for (; queue.wait <= 1; turns.push(queue.enter())) queue.check()
  // Two in work, five before it: then it is a second.
  expect(turns.length).toBe(7)
  expect(queue.wait).toBeCloseTo(1.2, 3)
  expect(() => queue.check()).toThrow(
    expect.objectContaining({ code: 'SERVER_BUSY', retryAfter: queue.wait }),
  )
  turns[0]!.end(false)
  turns[0]!.end(false)
  expect(queue.length).toBe(6)
  queue.check()
  vi.useRealTimers()
})

it('lets others go before one that takes long to arrive', () => {
  const queue = new Queue(1, 1)
  const turn = queue.enter()
  turn.pass()
  expect(queue.length).toBe(0)
  turn.begin()
  expect(queue.length).toBe(1)
  turn.end(true)
  turn.begin()
  expect(queue.length).toBe(0)
})

it('holds no more bytes than it may, and of one address a quarter of them on the way', () => {
  const bodies = new Bodies(100)
  const large = bodies.take(80, 'a')
  expect(() => bodies.take(1, 'a')).toThrow(expect.objectContaining({ code: 'SERVER_RATE' }))
  expect(() => bodies.take(21, 'b')).toThrow(expect.objectContaining({ code: 'SERVER_BUSY' }))
  large.arrive()
  const small = [bodies.take(10, 'a'), bodies.take(10, 'a')]
  expect(() => bodies.take(1, 'a')).toThrow(expect.objectContaining({ code: 'SERVER_BUSY' }))
  large.release()
  large.release()
  expect(bodies.bytes).toBe(20)
  bodies.take(5, 'a')
  expect(() => bodies.take(1, 'a')).toThrow(expect.objectContaining({ code: 'SERVER_RATE' }))
  for (const one of small) one.release()
  // One body goes alone, however large it is.
  expect(() => new Bodies(100).take(1000, 'a')).not.toThrow()
})
