"""A program in the foreground of a terminal, as a shell starts it: Ctrl-Z stops it, and it can go on."""
import os
import pty
import select
import signal


class Job:
    def __init__(self, command, environment, directory):
        heard, report = os.pipe()
        self._asked, asking = os.pipe()
        self._shell, self.terminal = pty.fork()
        if self._shell == 0:
            try:
                be_shell(command, environment, directory, report, self._asked)
            finally:
                os._exit(127)
        os.close(report)
        os.close(self._asked)
        self._asking = asking
        self._lines = os.fdopen(heard, "rb", buffering=0)
        self.process = int(self.news(10))

    def press(self, key):
        os.write(self.terminal, key)

    def news(self, seconds):
        """"stopped" or "ended N", or nothing while neither happens."""
        if not select.select([self._lines], [], [], seconds)[0]:
            return None
        return self._lines.readline().decode().strip()

    def resume(self):
        os.write(self._asking, b".")

    def close(self):
        for process in (self.process, self._shell):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        os.waitpid(self._shell, 0)
        os.close(self.terminal)
        os.close(self._asking)
        self._lines.close()


def be_shell(command, environment, directory, report, asked):
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpgrp())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.chdir(directory)
        os.execve(command[0], command, environment)
    os.write(report, f"{job}\n".encode())
    while True:
        _, status = os.waitpid(job, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            os.write(report, f"ended {os.waitstatus_to_exitcode(status)}\n".encode())
            os._exit(0)
        os.write(report, b"stopped\n")
        os.read(asked, 1)
        os.kill(job, signal.SIGCONT)
