import { memo, useCallback, useEffect, useState } from 'react'
import { useWords } from '../../../language/language.js'
import { Button } from '../../../ui/button.js'
import { useWriting } from '../context.js'
import { type Brush, drawDot, drawLine, drawOutline, Sphere } from '../sphere/sphere.js'
import { GRATICULE, START, type Turn, type Vector } from '../sphere/view.js'
import { words as pageWords } from '../words.js'
import { useMarginsText } from './margins.js'
import { rowOf, type ToyRun } from './result.js'
import { words } from './words.js'

/** Between two frames, in milliseconds. */
const PACE = 250

/** The networks beside each other at one step of their training, which can be played. */
export const Player = memo(({ runs }: { runs: readonly ToyRun[] }) => {
  const t = useWords(words)
  const { count } = useWriting()
  const last = Math.min(...runs.map(({ frames }) => frames.length)) - 1
  const [at, setAt] = useState(last)
  const [isPlaying, setPlaying] = useState(false)
  const [turn, setTurn] = useState(START)
  const { frames } = runs[0]!
  useEffect(() => {
    if (!isPlaying) return
    const timer = setInterval(() => setAt((now) => Math.min(now + 1, last)), PACE)
    return () => clearInterval(timer)
  }, [isPlaying, last])
  useEffect(() => {
    if (at === last) setPlaying(false)
  }, [at, last])
  const play = () => {
    if (at === last) setAt(0)
    setPlaying(!isPlaying)
  }
  const step = t.step(count(frames[at]!.step), count(frames[last]!.step))
  return (
    <div className="stack">
      <div className="row">
        <Button onClick={play}>{isPlaying ? t.pause : t.play}</Button>
        <input
          className="grow"
          type="range"
          {...{ min: 0, max: last, step: 1, value: at }}
          aria-label={t.frame}
          aria-valuetext={step}
          onChange={(event) => {
            setPlaying(false)
            setAt(Number(event.target.value))
          }}
        />
        <span className="numbers">{step}</span>
      </div>
      <div className="pictures two">
        {runs.map((run) => (
          <Picture
            key={`${run.dim} ${JSON.stringify(run.loss)}`}
            {...{ run, at, turn }}
            onTurn={setTurn}
          />
        ))}
      </div>
      <Figures {...{ runs, at }} />
    </div>
  )
})

function Picture({
  run,
  at,
  turn,
  onTurn,
}: {
  run: ToyRun
  at: number
  turn: Turn
  onTurn(turn: Turn): void
}) {
  const t = useWords(words)
  const page = useWords(pageWords)
  const { fixed } = useWriting()
  const marginsText = useMarginsText()
  const { dim, frames, loss } = run
  const { intraDegrees, interDegrees } = frames[at]!
  const name = marginsText(loss)
  const label = t.figure(
    name,
    String(dim),
    `${fixed(intraDegrees, 1)}°`,
    `${fixed(interDegrees, 1)}°`,
  )
  const paint = useCallback((brush: Brush) => paintSphere(brush, run, at), [run, at])
  return (
    <div>
      <h4>
        {name}, {t.dimensions(String(dim))}
      </h4>
      {dim === 2 ? (
        <Ring {...{ run, at, label }} />
      ) : (
        <Sphere {...{ label, turn, onTurn, paint }} told={page.sphere} />
      )}
    </div>
  )
}

const RADIUS = 100
/** Points lie a little off the circle, so that they do not hide each other. */
const scatter = (i: number): number => RADIUS * (1 + 0.12 * (((i * 0.618034) % 1) - 0.5))

function Ring({ run, at, label }: { run: ToyRun; at: number; label: string }) {
  const { points, centres } = run.frames[at]!
  return (
    <svg viewBox="-115 -115 230 230" role="img" aria-label={label}>
      <circle r={RADIUS} className="outline" />
      {Array.from({ length: run.identities }, (_, j) => {
        const [x, y] = rowOf(centres, j, 2)
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: it is the identity
          <line key={j} x2={RADIUS * x!} y2={-RADIUS * y!} className={`centre identity-${j % 8}`} />
        )
      })}
      {run.labels.map((identity, i) => {
        const [x, y] = rowOf(points, i, 2)
        const place = scatter(i)
        return (
          <circle
            // biome-ignore lint/suspicious/noArrayIndexKey: it is the pattern
            key={i}
            cx={place * x!}
            cy={-place * y!}
            r={2.2}
            className={`point identity-${identity % 8}`}
          />
        )
      })}
    </svg>
  )
}

function paintSphere(brush: Brush, run: ToyRun, at: number): void {
  const { colours } = brush
  const { points, centres } = run.frames[at]!
  const colourOf = (identity: number) => colours.series[identity % colours.series.length]!
  const row = (rows: readonly number[], i: number) => rowOf(rows, i, 3) as unknown as Vector
  for (const line of GRATICULE)
    drawLine(brush, line, { colour: colours.line, width: 1, faint: 0.4 })
  drawOutline(brush)
  run.labels.forEach((identity, i) => {
    drawDot(brush, row(points, i), { colour: colourOf(identity), size: 5 })
  })
  for (let j = 0; j < run.identities; j++)
    drawDot(brush, row(centres, j), { colour: colourOf(j), size: 12, ring: colours.text })
}

function Figures({ runs, at }: { runs: readonly ToyRun[]; at: number }) {
  const t = useWords(words)
  const { fixed } = useWriting()
  const marginsText = useMarginsText()
  const degree = (angle: number | null) => (angle === null ? '–' : `${fixed(angle, 1)}°`)
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: on a small screen it is scrolled by keyboard */}
      <section className="table" tabIndex={0} aria-label={t.figures}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t.loss}</th>
              <th scope="col">{t.space}</th>
              {['Intra', 'Inter', 'Gap', 'W-EC', 'W-Inter'].map((name) => (
                <th key={name} scope="col" data-align="end">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {runs.map(({ dim, loss, frames }) => {
              const frame = frames[at]!
              return (
                <tr key={`${dim} ${JSON.stringify(loss)}`}>
                  <th scope="row">{marginsText(loss)}</th>
                  <td>{t.dimensions(String(dim))}</td>
                  <td data-align="end">{degree(frame.intraDegrees)}</td>
                  <td data-align="end">{degree(frame.interDegrees)}</td>
                  <td data-align="end">{degree(frame.gapDegrees)}</td>
                  <td data-align="end">{degree(frame.wEcDegrees)}</td>
                  <td data-align="end">{degree(frame.wInterDegrees)}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </section>
      <p className="muted">{t.explained}</p>
    </>
  )
}
