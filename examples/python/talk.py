#!/usr/bin/env python3
"""Talk to a voice agent from Python, with a WAV file or with the microphone.

    python3 talk.py question.wav reply.wav     say question.wav, keep the answer in reply.wav
    python3 talk.py                            talk with microphone and loudspeaker (pip install sounddevice)

Needs the package `websockets` (Debian: python3-websockets). From the environment:
    PARLEY_API_KEY   the key that the server showed at its first start
    PARLEY_URL       the server, http://127.0.0.1:8080 when not set
    PARLEY_AGENT     id of a stored agent; without it the prompt below is used
"""

import asyncio
import base64
import json
import os
import sys
import wave

import websockets

RATE_HZ = 24_000  # 16-bit samples, one channel, both ways
FRAME_SECONDS = 0.05
FRAME_BYTES = int(RATE_HZ * FRAME_SECONDS) * 2

SESSION = {
    "system_prompt": "You are a friendly assistant on the phone. Answer in one short sentence.",
    "greeting": "Hello! What would you like to know?",
    "output": {"voice": "alba"},
}


def connect():
    """Opens the socket; a server takes the key as it is in the Authorization header."""
    server = os.environ.get("PARLEY_URL", "http://127.0.0.1:8080").rstrip("/")
    key = os.environ.get("PARLEY_API_KEY")
    if not key:
        sys.exit("Set PARLEY_API_KEY to the key that the server showed at its first start.")
    is_new = int(websockets.__version__.split(".")[0]) >= 14
    headers = {"additional_headers" if is_new else "extra_headers": {"Authorization": key}}
    return websockets.connect(server.replace("http", "ws", 1) + "/v1/ws", max_size=None, **headers)


def first_message():
    agent = os.environ.get("PARLEY_AGENT")
    return json.dumps({"type": "session.update", "session": {"agent_id": agent} if agent else SESSION})


async def send_sound(socket, frame):
    await socket.send(json.dumps({"type": "input.audio", "audio": base64.b64encode(frame).decode()}))


def show(event):
    if event["type"] == "transcript.user":
        print("you:  ", event["text"], flush=True)
    elif event["type"] == "transcript.agent":
        print("agent:", event["text"], "(interrupted)" if event["interrupted"] else "", flush=True)
    elif event["type"] in ("session.error", "reply.error"):
        sys.exit(f"The server says: {event['message']}")


# ── With a WAV file ──────────────────────────────────────────────────────────


def read_wav(path):
    with wave.open(path, "rb") as file:
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, RATE_HZ):
            sys.exit(f"{path} must be 16-bit, one channel, {RATE_HZ} Hz. Convert it: "
                     f"ffmpeg -i {path} -ac 1 -ar {RATE_HZ} -sample_fmt s16 converted.wav")
        return file.readframes(file.getnframes())


def write_wav(path, sound):
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(sound)


async def speak(socket, sound):
    """Sends the sound as fast as it would be spoken, then silence: the agent hears by it that you have finished."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    count = 0
    while True:
        frame = sound[count * FRAME_BYTES:(count + 1) * FRAME_BYTES].ljust(FRAME_BYTES, b"\0")
        await send_sound(socket, frame)
        count += 1
        await asyncio.sleep(max(0, start + count * FRAME_SECONDS - loop.time()))


async def talk_with_file(question, answer_path):
    answer = bytearray()
    was_heard = False
    speaking = None
    async with connect() as socket:
        await socket.send(first_message())
        async for message in socket:
            event = json.loads(message)
            show(event)
            kind = event["type"]
            if kind == "session.ready":
                is_greeted = bool(event["config"]["greeting"])
                if not is_greeted:
                    speaking = asyncio.create_task(speak(socket, question))
            elif kind == "transcript.user":
                was_heard = True
            elif kind == "reply.audio" and was_heard:
                answer += base64.b64decode(event["data"])
            elif kind == "reply.done":
                if speaking is None:
                    speaking = asyncio.create_task(speak(socket, question))
                elif was_heard and event.get("status") != "interrupted":
                    speaking.cancel()
                    await socket.send(json.dumps({"type": "session.end"}))
            elif kind == "session.ended":
                break
    write_wav(answer_path, bytes(answer))
    print(f"{len(answer) / 2 / RATE_HZ:.1f} s of answer are in {answer_path}")


# ── With microphone and loudspeaker ──────────────────────────────────────────


async def talk_with_microphone():
    try:
        import sounddevice
    except ImportError:
        sys.exit("To talk with the microphone, run: pip install sounddevice. Or name a WAV file.")
    loop = asyncio.get_running_loop()
    heard = asyncio.Queue()
    to_play = bytearray()

    def pick_up(sound, *_):
        loop.call_soon_threadsafe(heard.put_nowait, bytes(sound))

    def play(sound, *_):
        ready = bytes(to_play[:len(sound)])
        del to_play[:len(sound)]
        sound[:] = ready.ljust(len(sound), b"\0")

    async def send_microphone(socket):
        while True:
            await send_sound(socket, await heard.get())

    device = {"samplerate": RATE_HZ, "channels": 1, "dtype": "int16", "blocksize": FRAME_BYTES // 2}
    async with connect() as socket:
        await socket.send(first_message())
        with sounddevice.RawInputStream(callback=pick_up, **device), sounddevice.RawOutputStream(callback=play, **device):
            print("Speak. Use headphones, or the agent hears itself. Ctrl-C ends the talk.")
            sending = None
            async for message in socket:
                event = json.loads(message)
                show(event)
                if event["type"] == "session.ready":
                    sending = asyncio.create_task(send_microphone(socket))
                elif event["type"] == "reply.audio":
                    to_play.extend(base64.b64decode(event["data"]))
                elif event["type"] == "input.speech.started" or event.get("status") == "interrupted":
                    to_play.clear()  # whoever interrupts must not go on hearing what the agent had still to say
            if sending:
                sending.cancel()


if __name__ == "__main__":
    try:
        if len(sys.argv) > 1:
            asyncio.run(talk_with_file(read_wav(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "reply.wav"))
        else:
            asyncio.run(talk_with_microphone())
    except KeyboardInterrupt:
        pass
    except OSError as error:
        sys.exit(f"The server could not be reached: {error}. Is it running?")
