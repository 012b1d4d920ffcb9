import { useInAddress } from '../../api/place.js'
import { useWorkspace } from '../../api/workspace.js'
import { useWords } from '../../language/language.js'
import { Page } from '../../ui/page.js'
import { Loaded, Notice } from '../../ui/problem.js'
import './evaluate.css'
import { Measure } from './measure.js'
import { Measured } from './measured.js'
import { Shown } from './shown.js'
import { useTasks } from './tasks.js'
import { words } from './words.js'

/** A model on pairs: measured by a task, whose scores are drawn here. */
export default function Evaluate() {
  const t = useWords(words)
  const [shown, show] = useInAddress('of')
  const [beside, setBeside] = useInAddress('beside')
  const workspace = useWorkspace()
  const tasks = useTasks('scores')
  const open = (task: string) => {
    if (task === beside) setBeside(undefined, { replace: true })
    show(task)
  }
  return (
    <Page title={t.title} told={t.told}>
      {workspace.data?.commands === false && <Notice kind="warn">{t.noCommands}</Notice>}
      <Measure />
      <Loaded query={tasks}>
        {(all) => {
          const of = all.find(({ id }) => id === shown)
          return (
            <>
              <Measured tasks={all} onShow={open} onBeside={setBeside} {...{ shown, beside }} />
              {of ? (
                <Shown
                  key={of.id}
                  task={of}
                  other={all.find(({ id }) => id === beside && id !== of.id) ?? null}
                />
              ) : (
                shown !== null && <Notice kind="warn">{t.gone}</Notice>
              )}
            </>
          )
        }}
      </Loaded>
    </Page>
  )
}
