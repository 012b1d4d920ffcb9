import { INK, MARK_ROW } from './frame.js'
import { CHARACTER } from './legend.js'

/** A value of x that a line from top to bottom shows, with its name above the plot. */
export interface Mark {
  readonly at: number
  readonly name: string
}

export interface PlacedMark extends Mark {
  /** Of names above the plot, from below. */
  readonly row: number
  /** Stands to the left of its line, where there is no room to the right. */
  readonly left: boolean
}

/**
 * Names stand to the right of their lines. One that would touch another stands above it: the leftmost highest, so that
 * no line crosses a name.
 *
 * @param x pixels from the left of the plot
 * @param width of the plot and what is free to its right
 */
export function inRows(
  marks: readonly Mark[],
  x: (at: number) => number,
  width: number,
): PlacedMark[] {
  const placed: PlacedMark[] = []
  for (const mark of marks.toSorted((one, other) => other.at - one.at)) {
    const length = mark.name.length * CHARACTER
    const left = x(mark.at) + length > width
    const end = x(mark.at) + length + 8
    const touched = placed.filter((one) => x(one.at) - (one.left ? length : 0) < end)
    placed.push({ ...mark, left, row: Math.max(-1, ...touched.map(({ row }) => row)) + 1 })
  }
  return placed
}

/** Dashed lines that reach from the axis to their names. */
export function markSeries(marks: readonly PlacedMark[]) {
  return {
    type: 'custom',
    silent: true,
    z: 3,
    data: marks.map(({ at }) => [at, 0]),
    renderItem: (
      { dataIndex, coordSys }: { dataIndex: number; coordSys: { y: number; height: number } },
      api: { coord(point: number[]): number[] },
    ) => {
      const { at, name, row, left } = marks[dataIndex]!
      const [x] = api.coord([at, 0]) as [number]
      const top = coordSys.y - MARK_ROW * (row + 1)
      return {
        type: 'group',
        children: [
          {
            type: 'line',
            shape: { x1: x, x2: x, y1: coordSys.y + coordSys.height, y2: top },
            style: { stroke: INK, lineWidth: 1, lineDash: [4, 3] },
          },
          {
            type: 'text',
            style: {
              text: name,
              x: left ? x - 4 : x + 4,
              y: top,
              fill: INK,
              fontSize: 11,
              align: left ? 'right' : 'left',
              verticalAlign: 'top',
            },
          },
        ],
      }
    },
  }
}
