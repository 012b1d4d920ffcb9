import { type CSSProperties, useState } from 'react'
import { useWords } from '../language/language.js'
import './parts.css'
import { words } from './words.js'

/** A square picture, loaded when it comes near; words where it cannot be shown. */
export function Picture({ src, alt, side }: { src: string; alt: string; side?: string }) {
  const t = useWords(words)
  const [failed, setFailed] = useState<string | null>(null)
  return (
    <span className="picture" style={side ? ({ '--side': side } as CSSProperties) : {}}>
      {failed === src ? (
        <span>
          {t.noPicture}
          <span className="hidden-text">{alt}</span>
        </span>
      ) : (
        <img src={src} alt={alt} loading="lazy" decoding="async" onError={() => setFailed(src)} />
      )}
    </span>
  )
}

/** Of a file in the workspace. */
export const pictureOf = (path: string, side = 160): string =>
  `/v1/workspace/pictures?${new URLSearchParams({ path, side: String(side) })}`
