// Installs what is missing and builds what is stale.
import { build, install, requireNode } from './prepare.mjs'

requireNode()
await install()
await build()
