// How long the last answers took to be heard.

/** So many bars are shown, the newest last. */
const SHOWN = 8
/** What a full bar stands for at least, so that quick answers look quick. */
const FULL_MS = 1000
const BAR = { pitch: 6, width: 4, height: 24 }

export function Meter({ latenciesMs }: { readonly latenciesMs: readonly number[] }) {
  const last = latenciesMs.at(-1)
  if (last === undefined) return <p class="meter" />
  const recent = latenciesMs.slice(-SHOWN)
  const fullMs = Math.max(FULL_MS, ...recent)
  return (
    <dl class="meter" title="From the end of your words to the first sound of the answer, as this browser heard both.">
      <dt>Answered in</dt>
      <dd>
        <output class="latest">{last}</output>
        <span class="unit"> ms</span>
        <svg
          class="bars"
          width={recent.length * BAR.pitch}
          height={BAR.height}
          role="img"
          aria-label={`The last answers: ${recent.join(', ')} ms`}
        >
          {recent.map((ms, index) => {
            const height = Math.max(2, (Math.max(0, ms) / fullMs) * BAR.height)
            const key = latenciesMs.length - recent.length + index
            return (
              <rect key={key} x={index * BAR.pitch} y={BAR.height - height} width={BAR.width} height={height} rx={1} />
            )
          })}
        </svg>
      </dd>
    </dl>
  )
}
