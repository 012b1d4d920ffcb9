import { useState } from 'react'
import type { Schema } from '../api/client.js'
import { useWords } from '../language/language.js'
import './faces.css'
import { words } from './words.js'

export interface Boxed {
  readonly box: Schema<'Face'>['box']
  readonly kind?: 'good' | 'bad' | 'warn' | undefined
  readonly label?: string | undefined
}

/** A photograph with the boxes of its faces, numbered; words where it cannot be shown. */
export function PhotoWithFaces({
  src,
  alt,
  faces,
  numbered = true,
}: {
  src: string
  alt: string
  faces: readonly Boxed[]
  numbered?: boolean
}) {
  const t = useWords(words)
  const [size, setSize] = useState<{ src: string; width: number; height: number } | null>(null)
  const [failed, setFailed] = useState<string | null>(null)
  if (failed === src)
    return (
      <div className="photo" data-failed>
        <span className="muted">{t.undecodable}</span>
        <span className="hidden-text">{alt}</span>
      </div>
    )
  const isSized = size?.src === src
  return (
    <div className="photo">
      <img
        src={src}
        alt={alt}
        onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) =>
          setSize({ src, width, height })
        }
        onError={() => setFailed(src)}
      />
      {isSized && <Boxes {...size} faces={faces} numbered={numbered} />}
    </div>
  )
}

/** Over what is shown beneath, in whatever size. */
export function Boxes({
  width,
  height,
  faces,
  numbered = true,
}: {
  width: number
  height: number
  faces: readonly Boxed[]
  numbered?: boolean
}) {
  const unit = Math.max(width, height) / 32
  return (
    <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {faces.map(({ box, kind, label }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are told by their numbers
        <g key={i} data-kind={kind}>
          <rect {...box} rx={unit / 4} strokeWidth={unit / 6} />
          {numbered && (
            <text
              x={box.x}
              y={Math.max(unit, box.y - unit / 3)}
              fontSize={unit}
              strokeWidth={unit / 6}
            >
              {label ?? String(i + 1)}
            </text>
          )}
        </g>
      ))}
    </svg>
  )
}
