// The whole checklist, in its order.
import type { Chapter, Item } from '../item.js'
import { audio } from './audio.js'
import { firstMessage } from './binding.js'
import { clients } from './clients.js'
import { connection } from './connection.js'
import { ending } from './ending.js'
import { protocolErrors } from './errors.js'
import { history } from './history.js'
import { ownModel } from './own-model.js'
import { replies } from './replies.js'
import { rest } from './rest.js'
import { settingDetails } from './setting-details.js'
import { userSpeech } from './speech.js'
import { tools } from './tools.js'
import { updates } from './updates.js'

export const chapters: readonly Chapter[] = [
  ...[connection, firstMessage, updates, protocolErrors, replies, userSpeech, audio, ending],
  ...[tools, rest, history, ownModel, clients, settingDetails],
]

export const items: readonly Item[] = chapters.flatMap((chapter) => chapter.items)
