import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromBinary } from '@bufbuild/protobuf'
import { EventSchema } from '../events/generated/event_pb.js'
import { records } from '../events/record.js'

/** `step tag value` of all event files of a folder, sorted by step and tag. */
export const readScalars = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.includes('tfevents'))
    .flatMap((name) => [...records(readFileSync(join(folder, name)))])
    .flatMap(({ payload }) => {
      const { step, what } = fromBinary(EventSchema, payload)
      const values = what.case === 'summary' ? what.value.value : []
      return values.map(({ tag, value }) => `${String(step).padStart(6)} ${tag} ${value.value}`)
    })
    .sort()
