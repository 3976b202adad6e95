"""Ready field mappings for the shapes that candidates commonly come in."""

from __future__ import annotations

from typing import Literal

PresetName = Literal["ours", "naukri", "indeed", "jsonresume", "flat"]

PRESETS: dict[PresetName, dict[str, tuple[str, ...]]] = {
    # The defaults of FieldMapping.
    "ours": {},
    "naukri": {
        "id": ("_id", "id"),
        "title": ("resume_headline", "headline", "title", "designation"),
        "summary": ("summary",),
        "skills": ("key_skills", "skills"),
        # The misspelling is the portal's own.
        "experience": ("workExperiance", "workExperience"),
        "education": ("education",),
        "projects": ("projects",),
        "label": ("extra_data.functional_area", "functional_area"),
        "location": ("location", "current_location"),
        "updated_at": ("updated_at", "modified_at"),
        "name": ("uname",),
    },
    "indeed": {
        "id": ("id", "_id", "resumeId"),
        "title": ("headline", "title", "jobTitle"),
        "summary": ("summary",),
        "skills": ("skills",),
        "experience": ("workExperience", "work_experience", "experience"),
        "education": ("education",),
        "projects": ("additionalInfo", "additionalInformation", "other", "projects"),
        "label": ("label", "labels", "category"),
        "location": ("location",),
        "updated_at": ("updatedAt", "dateModified", "updated_at"),
        "name": ("name", "firstName", "lastName"),
    },
    # https://jsonresume.org/schema. No e-mail address serves as id: search hands ids out.
    "jsonresume": {
        "id": ("id", "_id"),
        "title": ("basics.label",),
        "summary": ("basics.summary",),
        "skills": ("skills",),
        "experience": ("work", "volunteer"),
        "education": ("education",),
        "projects": ("projects",),
        "label": (),
        "location": ("basics.location.city", "basics.location.region"),
        "updated_at": ("meta.lastModified",),
        "name": ("basics.name",),
    },
    "flat": {
        "id": ("id",),
        "title": (),
        "summary": (),
        "skills": ("skills",),
        "experience": ("text",),
        "education": (),
        "projects": (),
        "label": ("label", "category"),
        "location": (),
        "updated_at": ("updated_at",),
        "name": (),
    },
}
