"""`python -m sonograph.recognition.audio.forkserver DESCRIPTOR`: decodes each file in a process that is forked for it.

Started by `sandboxed`, which sends the jobs over a socket. The libraries are loaded once, a job costs a fork, and no
process that has seen a stranger's file sees a second one. One thread only, as fork needs it, and no secrets around.
"""

import os
import select
import signal
import socket
import struct
import sys
from contextlib import suppress

from sonograph.recognition.audio.job import Job
from sonograph.recognition.audio.work import mapped_bytes, warm_up, work

STATUS = struct.Struct("<i")  # how a job's process ended, as waitpid says it
DESCRIPTORS = 3  # of a job: the file, a pipe for the answer, a pipe for the status


class ForkServer:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._running: dict[int, int] = {}  # process: where its status is written to
        self._woken, self._waker = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self._waker, False)
        warm_up()
        self._idle = mapped_bytes()

    def serve(self) -> None:
        """Takes jobs until the service closes its end or dies; then ends the jobs that still run."""
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        going_on = True
        while going_on:
            ready, _, _ = select.select((self._control.fileno(), self._woken), (), ())
            if self._woken in ready:
                os.read(self._woken, 4096)
                self._reap()
            if self._control.fileno() in ready:
                going_on = self._take()
        for process in self._running:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def _take(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._control, Job.SIZE, DESCRIPTORS)
        if len(message) < Job.SIZE or len(descriptors) < DESCRIPTORS:
            return False
        file, answer, status = descriptors
        process = os.fork()
        if not process:
            self._leave()
            os.close(status)
            work(Job.unpacked(message), file, answer, self._idle)
        os.close(file)
        os.close(answer)
        self._running[process] = status
        return True

    def _leave(self) -> None:
        """In a job's process: nothing of the server is within reach."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._control.close()
        for descriptor in (self._woken, self._waker, *self._running.values()):
            os.close(descriptor)

    def _reap(self) -> None:
        while self._running:
            process, how = os.waitpid(-1, os.WNOHANG)
            if not process:
                return
            status = self._running.pop(process)
            with suppress(BrokenPipeError):
                os.write(status, STATUS.pack(how))
            os.close(status)


if __name__ == "__main__":
    ForkServer(socket.socket(fileno=int(sys.argv[1]))).serve()
