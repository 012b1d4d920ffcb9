import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { writeError } from '../run/folder.js'
import { EventSchema } from './generated/event_pb.js'
import { frame, records } from './record.js'

// TensorBoard's own names: it reads every file of the folder whose name has `tfevents` in it, in the order of the names.
const PREFIX = 'events.out.tfevents.'

export type Scalar = readonly [tag: string, value: number]

/** Appends scalars to a file of TensorBoard's in a run's folder, one file a process; begun with the first scalar. */
export class EventWriter {
  readonly #path: string
  #begun = false

  /** @param now seconds since 1970, of this and of every event */
  constructor(
    folder: string,
    readonly now = () => Date.now() / 1000,
  ) {
    const second = String(Math.floor(now())).padStart(10, '0')
    this.#path = join(folder, `${PREFIX}${second}.${hostname()}.${process.pid}`)
  }

  /** @throws TrainError TRAIN_DISK_FULL */
  add(step: number, scalars: readonly Scalar[]): void {
    if (!this.#begun) this.#append({ what: { case: 'fileVersion', value: 'brain.Event:2' } })
    this.#begun = true
    const value = scalars.map(([tag, number]) => ({
      tag,
      value: { case: 'simpleValue' as const, value: number },
    }))
    this.#append({ step: BigInt(step), what: { case: 'summary', value: { value } } })
  }

  #append(event: MessageInitShape<typeof EventSchema>): void {
    const message = create(EventSchema, { wallTime: this.now(), ...event })
    try {
      appendFileSync(this.#path, frame(toBinary(EventSchema, message)))
    } catch (cause) {
      throw writeError(this.#path, cause)
    }
  }
}

/** Cuts off what was written after `step`, and what a killed process wrote half: a resumed run writes it again. */
export function truncateEvents(folder: string, step: number): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (!name.startsWith(PREFIX)) continue
    const path = join(folder, name)
    const file = readFileSync(path)
    let end = 0
    let scalars = 0
    for (const { at, payload } of records(file)) {
      const { step: its, what } = fromBinary(EventSchema, payload)
      if (its > BigInt(step)) break
      end = at + payload.length + 16
      if (what.case === 'summary') scalars++
    }
    if (scalars === 0) rmSync(path)
    else if (end < file.length) truncateSync(path, end)
  }
}
