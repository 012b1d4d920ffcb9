import { fileOf } from '../../api/files.js'
import { useNumbers, useWords } from '../../language/language.js'
import { isOver, type ListedTask } from '../../tasks/task.js'
import { TaskState } from '../../tasks/task-view.js'
import { Button } from '../../ui/button.js'
import { CommandLine } from '../../ui/command.js'
import { Notice, Problem } from '../../ui/problem.js'
import { saveFile } from '../../ui/save.js'
import { type Opened, thresholdsFile } from './opened.js'
import { parameter, useStart, useTasks } from './tasks.js'
import { words } from './words.js'

/** The threshold as a file, the figures, and the report of a list. */
export function Report({
  task,
  opened,
  threshold,
}: {
  task: ListedTask
  opened: Opened
  threshold: number
}) {
  const t = useWords(words)
  return (
    <>
      <ThresholdFile {...{ opened, threshold }} />
      <section className="stack">
        <h2>{t.report}</h2>
        {opened.set.of === 'list' && opened.set.folds !== null ? (
          <ListReport task={task} />
        ) : (
          <p>{t.reportPeople}</p>
        )}
      </section>
      <section className="stack">
        <h2>{t.files}</h2>
        <div className="row">
          <Button onClick={() => save('figures.json', figuresOf(opened, threshold))}>
            {t.save('figures.json')}
          </Button>
          <a className="button" href={fileOf(`${task.folder}/scores.json`)} download>
            {t.save('scores.json')}
          </a>
        </div>
      </section>
    </>
  )
}

function ThresholdFile({ opened, threshold }: { opened: Opened; threshold: number }) {
  const t = useWords(words)
  const numbers = useNumbers()
  const made = thresholdsFile(opened, threshold)
  return (
    <section className="stack">
      <h2>{t.exportTitle}</h2>
      {made ? (
        <>
          <p>{t.exportTold(numbers.rate(made.far))}</p>
          <div>
            <Button kind="main" onClick={() => save('thresholds.json', made.file)}>
              {t.save('thresholds.json')}
            </Button>
          </div>
          <p className="muted">{t.exportUse}</p>
          <CommandLine
            command={[
              ...['arcface', 'verify', 'one.jpg', 'other.jpg', '--model', opened.set.model.name],
              ...['--thresholds', 'thresholds.json', '--far', `${made.far}`],
            ]}
          />
        </>
      ) : (
        <Notice kind="warn">{t.exportNone}</Notice>
      )}
    </section>
  )
}

function ListReport({ task }: { task: ListedTask }) {
  const t = useWords(words)
  const start = useStart()
  const tasks = useTasks('verification')
  const [model, pairs, images] = ['model', 'pairs', 'images'].map((name) => parameter(task, name))
  const flip = task.parameters.flip === true
  const own = tasks.data?.find(
    (one) =>
      parameter(one, 'model') === model &&
      parameter(one, 'pairs') === pairs &&
      (one.parameters.flip === true) === flip,
  )
  const write = () =>
    start.mutate({
      ...{ kind: 'verification', model: model!, pairs: pairs!, flip },
      ...(images !== undefined && { images }),
    })
  return (
    <>
      <p className="muted">{t.reportTold}</p>
      <div className="row">
        <Button onClick={write} disabled={start.isPending || (own && !isOver(own))}>
          {t.writeReport}
        </Button>
        {own?.state === 'done' ? (
          ['report.html', 'report.json', 'figures.csv', 'curves.csv', 'scores.csv'].map((name) => (
            <a key={name} className="button" href={fileOf(`${own.folder}/report/${name}`)} download>
              {t.save(name)}
            </a>
          ))
        ) : own ? (
          <span role="status">
            <TaskState task={own} /> <bdi>{own.problem?.message}</bdi>
          </span>
        ) : null}
      </div>
      {start.error && <Problem error={start.error} />}
    </>
  )
}

/** What the page shows, as a script may read it. */
function figuresOf(opened: Opened, threshold: number): object {
  const { set, area, equalError, accuracy, thresholds, curve } = opened
  const { model, source, of, flip, genuine, impostors } = set
  return {
    ...{ model, source, of, flip, genuine, impostors, area, equalError, accuracy },
    chosen: { threshold, ...curve.at(threshold) },
    thresholds: typeof thresholds === 'string' ? null : thresholds,
    curve: curve.drawn().filter((point) => Number.isFinite(point.threshold)),
  }
}

const save = (name: string, content: object): void =>
  saveFile(name, `${JSON.stringify(content, null, 2)}\n`, 'application/json')
