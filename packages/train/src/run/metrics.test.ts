import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readMetrics, truncateMetrics } from './metrics.js'

const path = join(mkdtempSync(join(tmpdir(), 'metrics-')), 'metrics.jsonl')

describe('readMetrics', () => {
  const step = (n: number) => ({
    step: n,
    epoch: 0,
    loss: 1.5,
    later: 'a field of a later version',
  })
  const verified = {
    step: 2,
    set: 'a',
    accuracy: 0.9,
    std: 0,
    auc: 1,
    tarAtFar: { '1e-3': 0.5 },
    thresholdAtFar: { '1e-3': 0.3 },
  }
  const failed = { step: 3, set: 'a', failure: 'no such file' }
  const good = [step(1), verified, failed, step(4)]

  it('passes over lines that are damaged', () => {
    const bad = [
      'null',
      '[]',
      '7',
      '"loss"',
      '\0\0\0',
      '{',
      '{"loss":1}',
      '{"step":1}',
      '{"step":"1","loss":1}',
      '{"step":1,"loss":null}',
      '{"step":1,"loss":1,"seconds":{"load":"x"}}',
      '{"step":2,"set":"a","accuracy":"0.9"}',
      '',
    ]
    const lines = good.flatMap((line, i) => [...bad.slice(3 * i, 3 * i + 4), JSON.stringify(line)])
    writeFileSync(path, `${[...lines, ...bad].join('\n')}\n{"step":5,"lo`)
    expect(readMetrics(path)).toEqual(good)
    truncateMetrics(path, 3)
    expect(readFileSync(path, 'utf8')).toBe(
      good
        .slice(0, 3)
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    )
  })
})
