import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useInAddress } from '../../api/place.js'
import { useNumbers, useWords } from '../../language/language.js'
import { Button } from '../../ui/button.js'
import { CommandLine } from '../../ui/command.js'
import { Loaded } from '../../ui/problem.js'
import { Tabs } from '../../ui/tabs.js'
import { Apply } from './apply.js'
import { revive, type Work } from './queue.js'
import { Queue } from './queue-view.js'
import { readPoints, readSuspects } from './read.js'
import { words } from './words.js'

const ImageMap = lazy(() => import('./map/image-map.js'))

/** What was found: the queue, the map, and the list that is made of the decisions. */
export function Workbench({
  task,
  folder,
  command,
}: {
  task: string
  folder: string
  command: readonly string[]
}) {
  const t = useWords(words)
  const { count } = useNumbers()
  // What a task wrote does not change any more.
  const query = useQuery({
    queryKey: ['suspects', folder],
    queryFn: async () => {
      const [suspects, points] = await Promise.all([readSuspects(folder), readPoints(folder)])
      return { suspects, points }
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
  const [tab, setTab] = useInAddress('view')
  const [work, setWork] = useWork(task, query.data?.suspects.findings.length)
  const [isApplying, setApplying] = useState(false)
  return (
    <Loaded query={query}>
      {({ suspects, points }) => (
        <>
          <div className="row">
            <p className="grow">
              <bdi>{suspects.roots.join(', ')}</bdi>
              {' · '}
              {t.images(count(suspects.images), count(suspects.people))}
            </p>
            <Button kind="main" onClick={() => setApplying(true)}>
              {t.apply}
            </Button>
          </div>
          <Tabs
            label={t.title}
            value={tab === 'map' ? 'map' : 'queue'}
            onChange={(value) => setTab(value === 'map' ? 'map' : undefined, { replace: true })}
            tabs={[
              {
                value: 'queue',
                label: t.queue,
                children: (
                  <Queue
                    suspects={suspects}
                    people={points.people}
                    work={work}
                    onWork={setWork}
                    isCovered={isApplying}
                  />
                ),
              },
              {
                value: 'map',
                label: t.map,
                children: (
                  <Suspense fallback={null}>
                    <ImageMap folder={folder} points={points} />
                  </Suspense>
                ),
              },
            ]}
          />
          <CommandLine command={command} />
          <Apply
            open={isApplying}
            onClose={() => setApplying(false)}
            suspects={suspects}
            points={points}
            work={work}
          />
        </>
      )}
    </Loaded>
  )
}

/** How far somebody is with a task, kept by the browser. */
function useWork(task: string, findings: number | undefined) {
  const key = `arcface.curate.${task}`
  const [work, setWork] = useState<Work>({ acts: [], at: 0 })
  const [isRead, setRead] = useState(false)
  useEffect(() => {
    if (findings === undefined) return
    let kept: unknown = null
    try {
      kept = JSON.parse(localStorage.getItem(key) ?? 'null')
    } catch {
      // What another program left there is no work.
    }
    setWork(revive(kept, findings))
    setRead(true)
  }, [key, findings])
  useEffect(() => {
    if (isRead) localStorage.setItem(key, JSON.stringify(work))
  }, [key, work, isRead])
  return [work, setWork] as const
}
