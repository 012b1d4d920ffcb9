import { useQuery } from '@tanstack/react-query'
import { api, data } from '../../api/client.js'
import { useInAddress } from '../../api/place.js'
import { useNumbers, useWords } from '../../language/language.js'
import { Button } from '../../ui/button.js'
import { CommandLine } from '../../ui/command.js'
import { Page } from '../../ui/page.js'
import { Loaded, Notice } from '../../ui/problem.js'
import './curate.css'
import { Start } from './start.js'
import { words } from './words.js'
import { Workbench } from './workbench.js'

/** What is wrong with a data set, to be decided by a person; the address names the task that looked through it. */
export default function Curate() {
  const t = useWords(words)
  const [task, setTask] = useInAddress('task')
  return (
    <Page
      title={t.title}
      told={t.told}
      actions={task !== null && <Button onClick={() => setTask(undefined)}>{t.another}</Button>}
    >
      {task === null ? <Start onStarted={setTask} /> : <Looked key={task} task={task} />}
    </Page>
  )
}

const ENDS = ['done', 'failed', 'cancelled', 'lost']

function Looked({ task }: { task: string }) {
  const t = useWords(words)
  const { count } = useNumbers()
  const query = useQuery({
    queryKey: ['task', task],
    queryFn: () => data(api.GET('/v1/tasks/{task}', { params: { path: { task } } })),
    refetchInterval: ({ state }) => (ENDS.includes(state.data?.state ?? '') ? false : 1000),
  })
  return (
    <Loaded query={query}>
      {({ kind, state, command, folder, progress, problem }) => {
        if (kind !== 'suspects') return <Notice kind="bad">{t.otherKind}</Notice>
        if (state === 'done') return <Workbench task={task} folder={folder} command={command} />
        return (
          <section className="card stack" aria-live="polite">
            {ENDS.includes(state) ? (
              <Notice kind="bad">
                {t.notDone(state)}
                {problem && <bdi>{problem.message}</bdi>}
              </Notice>
            ) : (
              <>
                <p>{state === 'waiting' ? t.waiting : t.running}</p>
                <progress
                  aria-label={progress?.what ?? t.title}
                  {...(progress?.total && { value: progress.done, max: progress.total })}
                />
                {progress && (
                  <p className="muted">
                    {t.of(count(progress.done), count(progress.total ?? 0), progress.what)}
                  </p>
                )}
              </>
            )}
            <CommandLine command={command} />
          </section>
        )
      }}
    </Loaded>
  )
}
