import { useQuery } from '@tanstack/react-query'
import { readFile } from '../../api/files.js'
import { useInAddress } from '../../api/place.js'
import { useNumbers, useWords } from '../../language/language.js'
import type { ListedTask } from '../../tasks/task.js'
import { CommandLine } from '../../ui/command.js'
import { Facts } from '../../ui/page.js'
import { Empty, Notice, Problem } from '../../ui/problem.js'
import { Tabs } from '../../ui/tabs.js'
import { Beside } from './beside.js'
import { Curves } from './curves.js'
import { Errors } from './errors.js'
import { Groups } from './groups.js'
import { firstThreshold, modelName, type Opened, openSet } from './opened.js'
import { Report } from './report.js'
import { Threshold } from './threshold.js'
import { words } from './words.js'

/** The scores of a task, read and sorted once. */
function useOpened(task: ListedTask | null) {
  return useQuery({
    queryKey: ['scores', task?.id],
    queryFn: async () =>
      openSet(task!.id, await (await readFile(`${task!.folder}/scores.json`)).text()),
    enabled: task?.state === 'done',
    // They do not change.
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
    retry: false,
  })
}

export function Shown({ task, other }: { task: ListedTask; other: ListedTask | null }) {
  const t = useWords(words)
  const first = useOpened(task)
  const second = useOpened(other)
  if (first.error)
    return (
      <>
        <Problem error={first.error} />
        {!('status' in first.error) && <Notice kind="bad">{first.error.message}</Notice>}
      </>
    )
  if (!first.data)
    return (
      <p className="muted" role="status">
        {t.reading}
      </p>
    )
  return (
    <section className="stack" aria-label={task.id}>
      <About task={task} opened={first.data} />
      {second.error && <Notice kind="bad">{second.error.message}</Notice>}
      <Views task={task} opened={first.data} beside={other ? (second.data ?? null) : null} />
    </section>
  )
}

function About({ task, opened }: { task: ListedTask; opened: Opened }) {
  const t = useWords(words)
  const numbers = useNumbers()
  const { set, accuracy, area, equalError, fault } = opened
  const people = new Set(set.person).size
  return (
    <>
      <h2>
        <bdi>{modelName(set)}</bdi> · <bdi>{set.source}</bdi>
      </h2>
      <p className="muted">
        {t.pairsOf(numbers.count(set.genuine), numbers.count(set.impostors), numbers.count(people))}
        {set.of === 'people' && <> {set.tail ? t.part200 : t.peopleCount}</>}
      </p>
      <div className="numbers">
        <Facts
          facts={[
            ...(accuracy
              ? [
                  [
                    t.accuracy,
                    `${numbers.rate(accuracy.accuracy, 4)} ± ${numbers.rate(accuracy.std, 2)}`,
                  ] as const,
                ]
              : []),
            [t.area, numbers.fixed(area, 4)],
            [
              t.equalError,
              `${numbers.rate(equalError.rate)} ${t.atCosine(numbers.fixed(equalError.threshold, 4))}`,
            ],
          ]}
        />
      </div>
      {fault !== null && <Notice kind="warn">{t.faulty(fault)}</Notice>}
      {set.warnings.length > 0 && (
        <Notice kind="warn">
          <strong>{t.warnings}</strong>
          {set.warnings.map((one) => (
            <bdi key={one}>{one}</bdi>
          ))}
        </Notice>
      )}
      <details>
        <summary>{t.command}</summary>
        <CommandLine command={task.command} />
      </details>
    </>
  )
}

function Views({
  task,
  opened,
  beside,
}: {
  task: ListedTask
  opened: Opened
  beside: Opened | null
}) {
  const t = useWords(words)
  const [drawn, draw] = useInAddress('threshold')
  const [view, setView] = useInAddress('view')
  const asked = Number(drawn)
  const threshold =
    drawn !== null && drawn !== '' && asked >= -1 && asked <= 1 ? asked : firstThreshold(opened)
  const onChange = (next: number) => draw(`${next}`, { replace: true })
  const of = { opened, threshold }
  const tabs = [
    {
      value: 'threshold',
      label: t.tabThreshold,
      children: <Threshold {...of} onChange={onChange} />,
    },
    { value: 'curves', label: t.tabCurves, children: <Curves {...of} beside={beside} /> },
    { value: 'errors', label: t.tabErrors, children: <Errors {...of} /> },
    {
      value: 'groups',
      label: t.tabGroups,
      children: <Groups task={task} threshold={threshold} />,
    },
    {
      value: 'beside',
      label: t.tabBeside,
      children: beside ? <Beside {...of} beside={beside} /> : <Empty>{t.chooseBeside}</Empty>,
    },
    { value: 'report', label: t.tabReport, children: <Report task={task} {...of} /> },
  ]
  return (
    <Tabs
      tabs={tabs}
      label={t.tabs}
      value={tabs.some(({ value }) => value === view) ? view! : 'threshold'}
      onChange={(value) => setView(value, { replace: true })}
    />
  )
}
