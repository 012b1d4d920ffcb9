import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type DownloadProgress, FileProgress } from './progress.js'

describe('FileProgress', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('tells the first, ten a second, and the last', () => {
    const told: DownloadProgress[] = []
    const progress = new FileProgress('a.onnx', (one) => told.push(one))
    for (let loaded = 0; loaded < 1000; loaded++) {
      progress.downloading(loaded, 1000)
      vi.advanceTimersByTime(1)
    }
    progress.done(1000, false)
    expect(told.map(({ loaded }) => loaded)).toEqual([
      0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000,
    ])
    expect(told[0]).toEqual({ file: 'a.onnx', loaded: 0, total: 1000, cached: false })
  })

  it('has a total where one is known, and in the end', () => {
    const told: DownloadProgress[] = []
    const progress = new FileProgress('a.onnx', (one) => told.push(one))
    progress.downloading(0, undefined)
    progress.done(5, true)
    expect(told).toEqual([
      { file: 'a.onnx', loaded: 0, cached: false },
      { file: 'a.onnx', loaded: 5, total: 5, cached: true },
    ])
  })
})
