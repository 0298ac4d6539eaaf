from django.contrib.admin.apps import AdminConfig


class DeskAdminConfig(AdminConfig):
    """Django's admin, with the desk as its default site."""

    default_site = "arw_site.desk.site.DeskSite"
