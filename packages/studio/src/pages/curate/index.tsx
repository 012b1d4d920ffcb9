import { useInAddress } from '../../api/place.js'
import { useWords } from '../../language/language.js'
import { useTask } from '../../tasks/task.js'
import { TaskView } from '../../tasks/task-view.js'
import { Button } from '../../ui/button.js'
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
      {task === null ? <Start onStarted={setTask} /> : <Looked key={task} id={task} />}
    </Page>
  )
}

function Looked({ id }: { id: string }) {
  const t = useWords(words)
  return (
    <Loaded query={useTask(id)}>
      {(task) =>
        task.kind !== 'suspects' ? (
          <Notice kind="bad">{t.otherKind}</Notice>
        ) : task.state === 'done' ? (
          <Workbench task={id} folder={task.folder} command={task.command} />
        ) : (
          <section className="card">
            <TaskView task={task} />
          </section>
        )
      }
    </Loaded>
  )
}
