import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromBinary } from '@bufbuild/protobuf'
import { describe, expect, it } from 'vitest'
import { golden } from '../testing/goldens.js'
import { EventSchema } from './generated/event_pb.js'
import { crc32c, records } from './record.js'
import { EventWriter, truncateEvents } from './writer.js'

/** As goldens/events.py wrote it with TensorBoard's own writer. */
interface EventsGolden {
  wall: number
  events: [step: number, scalars: [tag: string, value: string][]][]
  file: string
}

const folder = () => mkdtempSync(join(tmpdir(), 'events-'))
const only = (room: string) => join(room, readdirSync(room)[0]!)
const stepsOf = (file: Buffer) =>
  [...records(file)].map(({ payload }) => Number(fromBinary(EventSchema, payload).step))

describe('crc32c', () => {
  it.each([
    // RFC 3720, appendix B.4
    [new Uint8Array(32), 0x8a9136aa],
    [new Uint8Array(32).fill(0xff), 0x62a8ab43],
    [Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    [Buffer.from('123456789'), 0xe3069283],
  ])('of %s', (bytes, crc) => {
    expect(crc32c(bytes)).toBe(crc)
  })
})

describe('EventWriter', () => {
  it('writes the bytes that TensorBoard writes', () => {
    const { wall, events, file } = golden<EventsGolden>('events')
    const room = folder()
    const writer = new EventWriter(room, () => wall)
    expect(readdirSync(room)).toEqual([])
    for (const [step, scalars] of events)
      writer.add(
        step,
        scalars.map(([tag, value]) => [tag, value === 'nan' ? Number.NaN : Number(value)]),
      )
    expect(readFileSync(only(room)).toString('base64')).toBe(file)
    expect(readdirSync(room)[0]).toMatch(/^events\.out\.tfevents\.1700000000\./)
  })

  it('says that the disk is full', () => {
    const room = folder()
    const name = `events.out.tfevents.1700000000.${hostname()}.${process.pid}`
    symlinkSync('/dev/full', join(room, name))
    expect(() => new EventWriter(room, () => 1.7e9).add(1, [['a', 1]])).toThrow(
      expect.objectContaining({ code: 'TRAIN_DISK_FULL' }),
    )
  })
})

describe('truncateEvents', () => {
  const written = () => {
    const room = folder()
    const writer = new EventWriter(room)
    for (const step of [10, 20, 20, 30]) writer.add(step, [['a', step]])
    return { room, path: only(room) }
  }

  it('keeps what was written up to a step', () => {
    const { room, path } = written()
    truncateEvents(room, 20)
    expect(stepsOf(readFileSync(path))).toEqual([0, 10, 20, 20])
    truncateEvents(room, 20)
    expect(stepsOf(readFileSync(path))).toEqual([0, 10, 20, 20])
  })

  it('removes a file of which nothing is left, and touches no other', () => {
    const { room } = written()
    writeFileSync(join(room, 'metrics.jsonl'), '')
    truncateEvents(room, 5)
    expect(readdirSync(room)).toEqual(['metrics.jsonl'])
    truncateEvents(join(room, 'none'), 5)
  })

  it('cuts off a record that was written half, wherever the process was killed', () => {
    const whole = readFileSync(written().path)
    const lengths = [...records(whole)].map(({ at }) => at).concat(whole.length)
    for (let cut = lengths[4]! + 1; cut < whole.length; cut++) {
      const room = folder()
      const path = join(room, 'events.out.tfevents.1')
      appendFileSync(path, whole.subarray(0, cut))
      truncateEvents(room, 1000)
      expect(readFileSync(path).length).toBe(lengths[4])
    }
  })

  it('keeps what comes before a damaged byte', () => {
    const { room, path } = written()
    const damaged = readFileSync(path)
    const { at, payload } = [...records(damaged)][3]!
    damaged[at + 12 + payload.length - 1]! ^= 1
    writeFileSync(path, damaged)
    truncateEvents(room, 1000)
    expect(stepsOf(readFileSync(path))).toEqual([0, 10, 20])
  })
})
