// The few pictures on the page's buttons.

const icon = (path: string) => () => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d={path} />
  </svg>
)

export const MicrophoneIcon = icon(
  'M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM5 11v1a7 7 0 0 0 14 0v-1M12 19v3',
)
export const MutedIcon = icon(
  'M9 9v3a3 3 0 0 0 5 2.2M15 11V6a3 3 0 0 0-5.9-.8M5 11v1a7 7 0 0 0 11 5.7M19 11v1c0 .8-.1 1.5-.4 2.2M12 19v3M3 3l18 18',
)
export const StopIcon = () => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <rect x={6} y={6} width={12} height={12} rx={2} fill="currentColor" stroke="none" />
  </svg>
)
export const SendIcon = icon('M5 12h13M13 6l6 6-6 6')
export const EditIcon = icon('M4 20h4L19 9l-4-4L4 16v4ZM13.5 6.5l4 4')
export const AddIcon = icon('M12 5v14M5 12h14')
export const ListenIcon = icon('M4 9v6h4l5 4V5L8 9H4ZM16.5 8.5a5 5 0 0 1 0 7M19 6a8.5 8.5 0 0 1 0 12')
