import { useState } from 'react'
import { Link } from 'wouter'
import { useInAddress } from '../../api/place.js'
import { useGalleries } from '../../faces/galleries.js'
import { useLimit } from '../../faces/limit.js'
import { words as faceWords } from '../../faces/words.js'
import { useNumbers, useWords } from '../../language/language.js'
import { CheckField, SelectField } from '../../ui/field.js'
import { Page } from '../../ui/page.js'
import { Empty, Loaded, Notice } from '../../ui/problem.js'
import { Tabs } from '../../ui/tabs.js'
import { CameraPage } from './camera.js'
import { Photographs } from './photographs.js'
import '../../faces/faces.css'
import './recognize.css'
import { words } from './words.js'

/** Who is on photographs or before the camera. */
export default function Recognize() {
  const t = useWords(words)
  const galleries = useGalleries()
  return (
    <Page title={t.title} told={t.told}>
      <Loaded query={galleries}>
        {(names) =>
          names.length === 0 ? (
            <Empty>
              <Link href="/people">{t.choose}</Link>
            </Empty>
          ) : (
            <Among names={names} />
          )
        }
      </Loaded>
    </Page>
  )
}

function Among({ names }: { names: readonly string[] }) {
  const t = useWords(words)
  const f = useWords(faceWords)
  const { count } = useNumbers()
  const { limit, field } = useLimit()
  const [chosen, choose] = useInAddress('gallery')
  const [tab, setTab] = useInAddress('by')
  const [top, setTop] = useState('5')
  const [isBelow, setBelow] = useState(false)
  const [isLive, setLive] = useState(false)
  const gallery = chosen !== null && names.includes(chosen) ? chosen : names[0]!
  const asking = limit && { gallery, limit, top: Number(top), isBelow, isLive }
  return (
    <>
      <div className="row list-tools">
        <SelectField
          label={f.gallery}
          value={gallery}
          onChange={(next) => choose(next)}
          choices={names.map((name) => ({ value: name, label: name }))}
        />
        {field}
        <SelectField
          label={t.top}
          value={top}
          onChange={setTop}
          choices={['1', '3', '5', '10'].map((value) => ({ value, label: count(Number(value)) }))}
        />
      </div>
      <CheckField label={t.below} value={isBelow} onChange={setBelow} />
      <CheckField label={t.living} value={isLive} onChange={setLive} />
      {asking === null ? (
        <Notice>{t.limit}</Notice>
      ) : (
        <Tabs
          label={t.title}
          value={tab ?? 'photograph'}
          onChange={(next) => setTab(next === 'photograph' ? undefined : next)}
          tabs={[
            {
              value: 'photograph',
              label: t.photograph,
              children: <Photographs asking={asking} />,
            },
            { value: 'camera', label: t.camera, children: <CameraPage asking={asking} /> },
          ]}
        />
      )}
    </>
  )
}
