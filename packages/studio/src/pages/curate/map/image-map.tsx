import type { SuspectPoints } from '@arcface/evaluate'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useNumbers, useWords } from '../../../language/language.js'
import { useColours, useTheme } from '../../../theme/theme.js'
import { SelectField } from '../../../ui/field.js'
import { Facts } from '../../../ui/page.js'
import { Picture, pictureOf } from '../../../ui/picture.js'
import { Loaded } from '../../../ui/problem.js'
import { readComponents } from '../read.js'
import { words } from '../words.js'
import { Canvas } from './canvas.js'
import { COLOUR_BY, type ColourBy, coloursOf, columnOf, groupColours } from './colours.js'
import './map.css'
import { sampleOf, useUmap } from './umap.js'

/** All images by what the model makes of them: those alike lie close to each other. */
export default function ImageMap({ folder, points }: { folder: string; points: SuspectPoints }) {
  const t = useWords(words)
  const { count, rate } = useNumbers()
  const theme = useColours()
  const { isDark } = useTheme()
  const [by, setBy] = useState<ColourBy>('person')
  const [way, setWay] = useState<'pca' | 'umap'>('pca')
  const [at, setAt] = useState(-1)
  const query = useQuery({
    queryKey: ['components', folder],
    queryFn: () => readComponents(folder),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const n = points.path.length
  const sample = useMemo(() => (way === 'umap' ? sampleOf(points) : null), [way, points])
  const umap = useUmap(query.data, sample)
  // Until UMAP says where, the images lie where PCA has them.
  const rows = useMemo(
    () => (umap && sample ? sample : Int32Array.from({ length: n }, (_, i) => i)),
    [umap, sample, n],
  )
  const places = useMemo(() => {
    if (umap) return umap.places
    const { data, dim } = query.data ?? { data: new Float32Array(0), dim: 2 }
    return Float32Array.from({ length: (2 * data.length) / dim }, (_, i) =>
      i % 2 < dim ? data[Math.floor(i / 2) * dim + (i % 2)]! : 0,
    )
  }, [umap, query.data])
  const colours = useMemo(
    () => coloursOf(points, rows, by, theme, isDark),
    [points, rows, by, theme, isDark],
  )
  return (
    <Loaded query={query}>
      {() => (
        <section className="stack" aria-label={t.map}>
          <div className="row curate-head">
            <SelectField<ColourBy>
              label={t.colour}
              value={by}
              onChange={setBy}
              choices={[
                ...COLOUR_BY.map((value) => ({ value, label: t[`by_${value}`] })),
                ...Object.keys(points.groups).map((column) => ({
                  value: `group:${column}` as const,
                  label: t.byGroup(column),
                })),
              ]}
            />
            <SelectField<'pca' | 'umap'>
              label={t.projection}
              value={way}
              onChange={(value) => {
                setWay(value)
                setAt(-1)
              }}
              choices={[
                { value: 'pca', label: t.pca },
                { value: 'umap', label: t.umap },
              ]}
            />
            <p className="grow muted" role="status">
              {umap && umap.share < 1
                ? t.umapGoes(rate(umap.share, 2))
                : umap
                  ? t.umapOf(count(rows.length), count(n))
                  : t.pcaOf(rate(points.shares.slice(0, 2).reduce((a, b) => a + b, 0)))}
            </p>
          </div>
          <div className="curate-map">
            <Canvas
              what={umap ? 'umap' : 'pca'}
              places={places}
              colours={colours}
              at={at}
              onAt={setAt}
            />
            <Told points={points} row={at < 0 ? undefined : rows[at]} />
          </div>
          <Legend points={points} by={by} />
        </section>
      )}
    </Loaded>
  )
}

/** What the colours mean. */
function Legend({ points, by }: { points: SuspectPoints; by: ColourBy }) {
  const t = useWords(words)
  const theme = useColours()
  const column = columnOf(by)
  if (column === undefined)
    return <p className="muted">{t[`legend_${by as (typeof COLOUR_BY)[number]}`]}</p>
  const groups = [...groupColours(points, column, theme), [t.unknown, theme.muted] as const]
  return (
    <ul className="curate-legend">
      {groups.map(([name, colour]) => (
        <li key={name}>
          <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
            <circle cx="5" cy="5" r="5" fill={colour} />
          </svg>
          <bdi>{name}</bdi>
        </li>
      ))}
    </ul>
  )
}

/** The image that is pointed at. */
function Told({ points, row }: { points: SuspectPoints; row: number | undefined }) {
  const t = useWords(words)
  const { fixed } = useNumbers()
  if (row === undefined) return <p className="muted curate-told">{t.none}</p>
  const path = points.path[row]!
  const person = points.people[points.person[row]!]!
  const degree = (value: number | null | undefined) => (value == null ? '–' : `${fixed(value, 0)}°`)
  const other = points.people[points.other[row]!]
  return (
    <div className="stack curate-told" aria-live="polite">
      <Picture src={pictureOf(path)} alt={t.picture(person)} side="9rem" />
      <Facts
        facts={[
          [t.movePerson, <bdi key="p">{person}</bdi>],
          [t.ownAngle, degree(points.own[row])],
          [
            t.otherAngle,
            <span key="o">
              {degree(points.nearest[row])} <bdi>{other}</bdi>
            </span>,
          ],
          [t.sharpness, fixed(points.sharpness[row]!, 0)],
        ]}
      />
      <code>
        <bdi>{path}</bdi>
      </code>
    </div>
  )
}
