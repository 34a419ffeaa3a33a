"""``/documents``: what a collection holds, more of it, less of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, UploadFile

from ui.api.bodies import Name, Text
from ui.api.problems import Json, no_such_document
from ui.face import Face, Upload


def router(face: Face) -> APIRouter:
    """The routes that list, add and forget documents."""
    routes = APIRouter()

    @routes.get("/documents")
    def documents(request: Request, collection: Name = None) -> Json:
        """Every document of a collection; where it lies is for trusted callers."""
        found = face.documents(collection=collection)
        if not request.state.trusted:
            found = [{key: value for key, value in one.items() if key != "path"} for one in found]
        return Json({"documents": found})

    @routes.post("/documents")
    def upload(files: list[UploadFile], collection: Annotated[Name, Form()] = None) -> Json:
        """Keep files with the collection and read them into it."""
        given = [Upload(one.filename or "", one.file.read()) for one in files]
        return Json(face.upload(given, collection=collection).to_json())

    @routes.delete("/documents")
    def delete(name: Text, collection: Name = None) -> Json:
        """Forget a document."""
        if not face.delete(name, collection=collection):
            return no_such_document(name)
        return Json({"deleted": True, "name": name})

    return routes
