import { useState } from 'react'
import { api, data } from '../../../api/client.js'
import { useInAddress } from '../../../api/place.js'
import { CameraView, frameOf, useCamera } from '../../../faces/camera.js'
import { PersonField } from '../../../faces/galleries.js'
import { words as faceWords } from '../../../faces/words.js'
import { useNumbers, useWords } from '../../../language/language.js'
import { Button } from '../../../ui/button.js'
import { DropFiles } from '../../../ui/drop.js'
import { TextField } from '../../../ui/field.js'
import { Tabs } from '../../../ui/tabs.js'
import { useRenew } from '../change.js'
import { words } from '../words.js'
import { Bulk } from './bulk.js'
import { PhotoItem } from './item.js'
import { type Item, isTaken, personOf } from './items.js'
import { useItems } from './review.js'

/** From so many on they are not looked at one by one. */
const MANY = 100
const IMAGE = /\.(jpe?g|png|webp|avif|tiff?|gif|bmp)$/i

/** Enrols by photographs from files, folders or the camera; each is looked at before anything is kept. */
export function Enrol({ gallery }: { gallery: string }) {
  const t = useWords(words)
  const { count } = useNumbers()
  const [who, setWho] = useInAddress('who')
  const [groups, setGroups] = useState('')
  const [way, setWay] = useState('photographs')
  const [bulk, setBulk] = useState<readonly File[] | null>(null)
  const { items, add, change, clear } = useItems(gallery)
  const renew = useRenew(gallery)
  const [isSaving, setSaving] = useState(false)
  const name = who ?? ''
  const take = (files: readonly File[]) => {
    const photos = files.filter((file) => file.type.startsWith('image/') || IMAGE.test(file.name))
    if (photos.length > MANY) setBulk(photos)
    else add(photos.length > 0 ? photos : files)
  }
  const ready = items.filter((item) => isTaken(item, name))
  const isNameless = ready.some((item) => personOf(item, name) === '')
  const save = async () => {
    setSaving(true)
    for (const item of ready) await enrol(item)
    setSaving(false)
    await renew()
  }
  const enrol = async (item: Item) => {
    const path = { gallery, person: personOf(item, name) }
    const group = groups.split(',').flatMap((one) => one.trim() || [])
    try {
      const { faces } = await data(
        api.POST('/v1/galleries/{gallery}/people/{person}/faces', {
          params: { path, query: { group } },
          body: { photo: [item.file] },
        }),
      )
      change(item.key, { saved: { added: faces[0]?.added === true } })
    } catch (error) {
      change(item.key, { error })
    }
  }
  return (
    <div className="stack">
      <div className="row list-tools">
        <PersonField
          gallery={gallery}
          label={t.who}
          told={t.whoFolders}
          value={name}
          onChange={(next) => setWho(next === '' ? undefined : next, { replace: true })}
        />
        <TextField label={t.groups} told={t.groupsTold} value={groups} onChange={setGroups} />
      </div>
      <Tabs
        label={t.enroll}
        value={way}
        onChange={setWay}
        tabs={[
          {
            value: 'photographs',
            label: t.photographs,
            children: <DropFiles told={t.dropPhotos} onFiles={take} />,
          },
          {
            value: 'folder',
            label: t.folder,
            children: <DropFiles folder told={t.dropPhotos} onFiles={take} />,
          },
          { value: 'camera', label: t.camera, children: <Shots onShot={(file) => add([file])} /> },
        ]}
      />
      {bulk && <Bulk {...{ gallery, who: name }} files={bulk} onClose={() => setBulk(null)} />}
      {items.length > 0 && (
        <>
          <div className="row">
            <span className="grow numbers" role="status">
              {t.ready(count(ready.length), count(items.length))}
              {isNameless && ` · ${t.noName}`}
            </span>
            <Button onClick={clear} disabled={isSaving}>
              {t.clear}
            </Button>
            <Button
              kind="main"
              disabled={isSaving || ready.length === 0 || isNameless}
              onClick={() => void save()}
            >
              {t.saveAll(count(ready.length))}
            </Button>
          </div>
          <ul className="stack plain">
            {items.map((item) => (
              <PhotoItem
                key={item.key}
                item={item}
                who={name}
                onWant={(isWanted) => change(item.key, { isWanted })}
              />
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

function Shots({ onShot }: { onShot(file: File): void }) {
  const t = useWords(faceWords)
  const camera = useCamera()
  const [shots, setShots] = useState(0)
  const take = async () => {
    setShots(shots + 1)
    onShot(await frameOf(camera.video.current!, `${t.shot} ${shots + 1}.jpg`))
  }
  return (
    <div className="stack">
      <CameraView camera={camera} />
      {camera.isOn && (
        <div>
          <Button kind="main" onClick={() => void take()}>
            {t.take}
          </Button>
        </div>
      )}
    </div>
  )
}
