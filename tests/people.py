"""An owner's things, those with whom they are shared, and strangers: what tests of access share."""

from dataclasses import replace
from pathlib import Path

from starlette.testclient import TestClient

from trax.pipelines.transcribe import job_request
from trax.service import sessions, tokens, users
from trax.stages.options import TranscribeOptions
from trax.store import Grant
from trax.testing import tone, write_audio
from trax.testing.web_server import scripted_service
from trax.web.app import create_app

PASSWORD = "correct horse battery"
USUAL = {"read", "write", "jobs"}


class World:
    """An owner's job, transcript and folder; whom it is shared with, and who is a stranger."""

    def __init__(self, folder: Path) -> None:
        self.service = scripted_service(folder / "home")
        workspace = self.workspace = self.service.workspace
        self.app = create_app(self.service)
        self.client = TestClient(
            self.app, base_url="http://localhost:8700", raise_server_exceptions=False
        )
        self.secrets = {"nobody": ""}
        for name in ("viewer", "editor", "owner", "stranger", "admin"):
            scopes = ["admin"] if name == "admin" else sorted(USUAL)
            user = users.add(workspace.users, name, PASSWORD, scopes)
            self.secrets[name] = sessions.open_session(workspace.users, user).secret
        self.account = workspace.users.get("owner").id
        made = tokens.create(workspace.tokens, "reads", ["read"], account=self.account)
        self.secrets["read-only token"] = made.secret
        self.data = write_audio(folder / "call.wav", tone(2.0)).read_bytes()
        self.folder = self.new_folder()
        self.spare = self.new_recording()
        self.job = self.transcribed("owner", folder=self.folder)
        self.recording = self.recording_of(self.job)
        self.app.state.bells.close()  # streams end, and nobody waits

    def new_folder(self) -> str:
        """A folder of the owner's, shared."""
        made = self.workspace.folders.add(self.account, "shared")
        grants = [Grant("user", "viewer", "viewer"), Grant("user", "editor", "editor")]
        self.workspace.folders.share(made, grants)
        return made

    def transcribed(self, who: str, name: str = "call.wav", key=None, **asked) -> dict:
        """The job of a recording that somebody has sent, once it has ended."""
        sent = self.ask(who, "PUT", f"/v1/uploads/{name}", content=self.data).json()
        body = {"upload": sent["id"], **asked}
        job = self.ask(who, "POST", "/v1/jobs", json=body, headers=key or {}).json()
        while taken := self.workspace.queue.take("test"):
            self.service.workers._do(taken, "test")
        return self.ask(who, "GET", f"/v1/jobs/{job['id']}").json()

    def new_recording(self) -> str:
        """The SHA-256 of a recording of the owner's that may go."""
        request = job_request("gone.wav", "ab" * 32, 1, TranscribeOptions(), self.account)
        self.workspace.queue.put(replace(request, folder_id=self.folder))
        self.spare_job = self.workspace.jobs.cancel(request.id).id
        return "ab" * 32

    def recording_of(self, job: dict) -> str:
        """The SHA-256 of what a job is about."""
        return self.workspace.jobs.get(job["id"]).recording_sha256

    def ask(self, who: str, method: str, path: str, **more):
        """The answer to somebody."""
        secret = self.secrets[who]
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        headers |= more.pop("headers", {})
        return self.client.request(method, path, headers=headers, **more)

    def filled(self, method: str, path: str) -> str:
        """A path that names the owner's things; what is removed is made anew."""
        values = {
            "transcript_id": self.job["transcript"]["id"],
            "job_id": self.job["id"],
            "recording_id": self.spare if method == "DELETE" else self.recording,
            "folder_id": self.new_folder() if method == "DELETE" else self.folder,
        }
        for name, value in values.items():
            path = path.replace(f"{{{name}}}", value)
        path = path.replace("{format}", "txt")
        return "/".join("none" if part.startswith("{") else part for part in path.split("/"))
